"""The lock of the installer is a piece of the lock of everything."""

from pathlib import Path

import pytest

from devstack.folders import ROOT
from tools.bootstrap_lock import bootstrap_lock


def test_it_is_the_pinned_installer_with_all_its_hashes() -> None:
    requirements = (
        "ruff==1 \\\n    --hash=sha256:aa\nuv==2 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n    # via palique\n"
    )
    lines = [line for line in bootstrap_lock(requirements).splitlines() if not line.startswith("#")]
    assert lines == ["uv==2 \\", "    --hash=sha256:bb \\", "    --hash=sha256:cc"]


def test_a_lock_without_it_is_refused() -> None:
    with pytest.raises(ValueError, match="does not pin uv"):
        bootstrap_lock("ruff==1 \\\n    --hash=sha256:aa\n")


def test_the_two_locks_that_are_checked_in_agree_and_name_no_index() -> None:
    requirements = Path(ROOT / "requirements.lock").read_text()
    assert (ROOT / "bootstrap.lock").read_text() == bootstrap_lock(requirements)
    assert "://" not in requirements
