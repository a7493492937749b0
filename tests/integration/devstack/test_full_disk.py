"""`make run` on a full disk, before the start and while it runs: a sentence names the folder and the fix, and nothing is left."""

import os
import signal
from pathlib import Path

import pytest

from devstack.leftovers import leftovers
from tests.integration.devstack.conftest import MODULE
from tests.support.eventually import eventually_sync
from tests.support.small_disk import fill, small_disk
from tests.support.stack import NO_ENGINE, Stack

pytestmark = pytest.mark.slow
FIX = "Remove files from it, or set PALIQUE_HOME to a folder on another disk."


def said(stack: Stack) -> str:
    assert stack.wait() == 1
    assert leftovers(stack.home) == []
    text = stack.output.read_text()
    assert "Traceback" not in text
    return text


def test_a_start_on_a_full_disk_is_refused(tmp_path: Path, shared: dict[str, str]) -> None:
    with small_disk(tmp_path / "disk", 100) as disk:
        stack = Stack(disk, dict([NO_ENGINE]) | shared, MODULE)
        stack.launch()
        text = said(stack)
        assert f"palique: The disk of {disk} has " in text
        assert f" MiB free, and a start needs 500. {FIX}" in text


def test_a_disk_that_fills_while_the_stack_runs_ends_it_with_a_sentence(tmp_path: Path, shared: dict[str, str]) -> None:
    with small_disk(tmp_path / "disk", 600) as disk:
        stack = Stack(disk, dict([NO_ENGINE]) | shared, MODULE)
        # Room for the sentence itself, which goes into a file of the test.
        stack.output = tmp_path / "output.txt"
        try:
            stack.start()
            fill(disk)
            # The new process has another id, which belongs into run/stack.json.
            os.kill(stack.described["services"]["chat"][0]["pid"], signal.SIGKILL)
            eventually_sync(lambda: stack.exit_status() is not None, seconds=60)
            assert f"palique: The disk of {disk} is full. {FIX}" in said(stack)
        finally:
            stack.stop()
