"""Finds and ends processes that an earlier stack of the same home left behind.

Every process of a stack inherits the environment variable MARK, which holds the stack's home. Only processes with
exactly this value are ended, and never this process or its parents.
"""

import os
import time
from pathlib import Path

import psutil

MARK = "PALIQUE_STACK_HOME"

# A supervisord without its stack stops its programs in order, which takes up to this long; then they are killed.
GRACE_S = 20
KILL_S = 5
PAUSE_S = 0.1


def leftovers(home: Path) -> list[psutil.Process]:
    """The live processes whose mark is `home`."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        if process.pid in own:
            continue
        try:
            marked = process.environ().get(MARK) == str(home)
        except (psutil.Error, OSError):
            continue  # ended, a zombie, or of another user
        if marked:
            found.append(process)
    return found


def reap(home: Path) -> int:
    """Ends them: SIGTERM first, SIGKILL after GRACE_S. Returns how many were found."""
    found = leftovers(home)
    for process in found:
        _signal(process, force=False)
    if not _gone(home, GRACE_S):
        for process in leftovers(home):
            _signal(process, force=True)
        _gone(home, KILL_S)
    return len(found)


def _signal(process: psutil.Process, *, force: bool) -> None:
    try:
        if force:
            process.kill()
        else:
            process.terminate()
    except psutil.Error:
        pass  # it has already ended


def _gone(home: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while leftovers(home):
        if time.monotonic() > deadline:
            return False
        time.sleep(PAUSE_S)
    return True
