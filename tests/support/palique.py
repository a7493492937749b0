"""Runs the `palique` console script as an operator does."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from devstack.folders import ROOT
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import eventually_sync

# The command imports the MongoDB driver, the broker client and gRPC; a loaded machine needs long for that.
COMMAND_S = 60
TOKEN = "t" * 40


class Result(NamedTuple):
    status: int
    out: str
    err: str


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of this process with all PALIQUE_ variables replaced by `settings`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PALIQUE_")}
    return {**inherited, "PALIQUE_MODE": "development", **settings}


def palique(*arguments: str, settings: Mapping[str, str], stdin: str = "") -> Result:
    """Runs the installed console script."""
    done = subprocess.run(
        [Path(sys.executable).with_name("palique"), *arguments],
        env=environment(settings), cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=COMMAND_S, check=False,
    )  # fmt: skip
    return Result(done.returncode, done.stdout, done.stderr)


@contextmanager
def serving(service: str, settings: Mapping[str, str], folder: Path) -> Iterator[dict[str, str]]:
    """`palique serve …` on free ports while the block runs; yields its addresses."""
    ports = claimed_ports(folder / f"{service}.json")
    own = {name: f"127.0.0.1:{ports.port(name)}" for name in ("PALIQUE_OPS_ADDRESS", "PALIQUE_GRPC_ADDRESS")}
    log = folder / f"{service}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [Path(sys.executable).with_name("palique"), "serve", service],
            env=environment({**settings, **own}), cwd=ROOT, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            eventually_sync(lambda: f"{service} ready" in log.read_text() or process.poll() is not None, COMMAND_S)
            assert process.poll() is None, log.read_text()
            yield own
        finally:
            process.terminate()
            process.wait(COMMAND_S)
    assert process.returncode == 0
