"""Measures whether this gateway can do its work, once a second, and tells those who can leave something undone."""

import asyncio
from collections.abc import Callable

from kit.runtime.logs import Log
from services.gateway.metrics import Metrics
from services.gateway.overload.load_shedding import LoadShedding, Shed

LOOK_S = 1.0


class OverloadMonitor:
    """`run` must be running. `waiting` counts messages on their way to chat."""

    def __init__(self, *, waiting: Callable[[], int], log: Log, metrics: Metrics) -> None:
        self._shedding = LoadShedding()
        self._waiting = waiting
        self._log = log
        metrics.shed.set_function(lambda: self._shedding.shed)

    def sheds(self, what: Shed) -> bool:
        """Whether this is left undone now."""
        return self._shedding.shed >= what

    async def run(self) -> None:
        """Looks until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LOOK_S
            await asyncio.sleep(LOOK_S)
            self.look(int((loop.time() - due) * 1000))

    def look(self, late_ms: int) -> None:
        """A turn of the loop came so late."""
        before = self._shedding.shed
        now = self._shedding.looked(late_ms, self._waiting())
        if now != before:
            self._log.warning("the load changed what is left undone", shed=now.name, late_ms=late_ms)
