"""Pauses processes, as a machine that sleeps or is overloaded does."""

import os
import signal
from pathlib import Path

from tests.support.eventually import eventually_sync


def pause(pid: int) -> None:
    """Returns when every thread has stopped: on a busy machine threads run on for a moment after the signal."""
    os.kill(pid, signal.SIGSTOP)
    eventually_sync(lambda: _states(pid) == {"T"}, sentence=f"all threads of process {pid} have stopped")


def resume(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def _states(pid: int) -> set[str]:
    """The states of its threads, as the kernel names them."""
    return {stat.read_text().rpartition(")")[2].split()[0] for stat in Path(f"/proc/{pid}/task").glob("*/stat")}
