"""Waiting for a condition, with a bound, and ended early by a request to stop."""

import time
from collections.abc import Callable

from devstack.failure import Stopped
from devstack.stopping import Stopping

# Short beside the second or so that any of the programs takes to start, long beside the cost of asking.
PAUSE_S = 0.05


def wait_until(condition: Callable[[], bool], seconds: float, stopping: Stopping) -> bool:
    """Whether `condition` came true within `seconds`. Raises Stopped when `stopping` is set meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        if stopping.wait(PAUSE_S):
            raise Stopped
    return True
