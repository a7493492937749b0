"""Event loop lag: the delay of a timer. All work of a process waits for the loop, so this metric shows an overloaded process first."""

import asyncio

from prometheus_client import CollectorRegistry, Histogram

# Costs nothing, and finds every stall of that length.
EVERY_S = 0.5
# Below a millisecond a delay does not matter; a garbage collection of a large heap takes some hundred.
_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class LoopLag:
    """Histogram of the lag; `run` measures until cancelled."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._seconds = Histogram(
            "palique_event_loop_lag_seconds", "How late a timer was.", buckets=_BUCKETS, registry=registry
        )

    async def run(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self._seconds.observe(max(clock() - due, 0))
