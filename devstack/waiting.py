"""Waits for a condition with a time limit; a request to stop ends the wait."""

import time
from collections.abc import Callable

from devstack.failure import Stopped
from devstack.stopping import Stopping

# Short compared with the second that a program takes to start, long compared with the cost of one check.
PAUSE_S = 0.05


def wait_until(condition: Callable[[], bool], seconds: float, stopping: Stopping) -> bool:
    """True when `condition` becomes true within `seconds`. Raises Stopped when `stopping` is set meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        if stopping.wait(PAUSE_S):
            raise Stopped
    return True
