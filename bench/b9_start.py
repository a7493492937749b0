"""B9: time from `make run` (after the setup) to a ready stack, and CPU of the stack without visitors and agents."""

import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.accounting import Accounts, groups_of, with_children
from bench.report import Line, of_runs
from devstack.folders import ROOT
from devstack.ports import Ports
from tests.support.json_object import JsonObject

RUNS = 2
READY_S, STOP_S = 120.0, 60.0
SETTLE_S, IDLE_S = 8.0, 20.0
LOOK_S = 0.02


def run() -> JsonObject:
    """Each run starts twice: with an empty home, then with the data of the first start."""
    first, again = [], []
    idle: dict[str, float] = {}
    for number in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="palique-bench-") as folder:
            home = Path(folder)
            first.append(_started(home)[0])
            seconds, idle = _started(home, idle=number == RUNS - 1)
            again.append(seconds)
    return {"first_s": first, "again_s": again, "idle_percent": idle}


def _started(home: Path, *, idle: bool = False) -> tuple[float, dict[str, float]]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PALIQUE_")}
    env |= {"PALIQUE_HOME": str(home), "PALIQUE_PORT": str(Ports(home / "bench-ports.json").port("public"))}
    began = time.monotonic()
    with (home / "output.txt").open("wb") as output:
        make = subprocess.Popen(
            ["make", "run"], cwd=ROOT, env=env, stdout=output, stderr=output, start_new_session=True
        )
    try:
        while not (home / "run/stack.json").exists():
            if make.poll() is not None or time.monotonic() - began > READY_S:
                raise AssertionError((home / "output.txt").read_text())
            time.sleep(LOOK_S)
        took = time.monotonic() - began
        return took, _idle(home, make.pid) if idle else {}
    finally:
        started = with_children(make.pid)
        os.killpg(make.pid, signal.SIGTERM)
        make.wait(STOP_S)
        _wait_gone(started)


def _wait_gone(pids: list[int]) -> None:
    """Waits for the stack itself, because `make` ends earlier."""
    ended = time.monotonic() + STOP_S
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > ended:
            raise AssertionError("the stack did not stop")
        time.sleep(LOOK_S)


def _idle(home: Path, make: int) -> dict[str, float]:
    """Percent of one core by part of the stack; `stack` is the program that supervises the others."""
    time.sleep(SETTLE_S)
    groups = groups_of(json.loads((home / "run/stack.json").read_text()))
    del groups["client"]
    known = {pid for pids in groups.values() for pid in pids}
    groups["stack"] = [pid for pid in with_children(make) if pid not in known]
    accounts = Accounts(groups)
    time.sleep(IDLE_S)
    return {name: 100 * seconds / IDLE_S for name, seconds in accounts.used().items()}


def lines(found: JsonObject) -> list[Line]:
    again, first, idle = found["again_s"], found["first_s"], found["idle_percent"]
    shares = ", ".join(f"{name} {percent:.1f}" for name, percent in idle.items())
    return [
        Line(
            "`make run` on a machine that is set up: ready",
            of_runs(again, 1, " s"),
            "≤ 15 s",
            median(again) <= 15,
            f"with no data yet {of_runs(first, 1, ' s')}",
        ),
        Line(
            "the whole stack while nobody is there", f"{sum(idle.values()):.1f} % of a core", "near zero", None, shares
        ),
    ]
