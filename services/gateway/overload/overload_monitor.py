"""Overload monitor: samples the load of this gateway once a second and sets the level of load shedding."""

import asyncio
from collections.abc import Callable

from kit.runtime.logs import Log
from services.gateway.metrics import Metrics
from services.gateway.overload.load_shedding import LoadShedding, Shed

SAMPLE_S = 1.0


class OverloadMonitor:
    """`run` must be running. `waiting` returns the number of messages that wait for chat."""

    def __init__(self, *, waiting: Callable[[], int], log: Log, metrics: Metrics) -> None:
        self._shedding = LoadShedding()
        self._waiting = waiting
        self._log = log
        metrics.shed.set_function(lambda: self._shedding.shed)

    def sheds(self, what: Shed) -> bool:
        """Whether this work is dropped now."""
        return self._shedding.shed >= what

    async def run(self) -> None:
        """Samples until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + SAMPLE_S
            await asyncio.sleep(SAMPLE_S)
            self.sample(int((loop.time() - due) * 1000))

    def sample(self, lag_ms: int) -> None:
        """Takes one lag of the event loop."""
        before = self._shedding.shed
        now = self._shedding.sample(lag_ms, self._waiting())
        if now != before:
            self._log.warning("load shedding changed", shed=now.name, lag_ms=lag_ms)
