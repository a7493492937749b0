"""How many conversations wait and how many are going on, over all sites: counted in the database, for no process knows them all.

Every chat process says the same number; whoever reads them takes the greatest, never the sum.
"""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from kit.runtime.logs import Log
from services.chat.domain.log import ACTIVE, WAITING
from services.chat.metrics import Metrics

# Half of a usual scrape; the count reads the index of open conversations, some thousands at most.
EVERY_S = 5.0


class OpenConversations(Protocol):
    """Where they are counted."""

    async def open_by_status(self) -> Mapping[str, int]: ...


class OpenCounts:
    """`run` counts until cancelled; while the database is away the last numbers stand."""

    def __init__(self, store: OpenConversations, *, log: Log, metrics: Metrics) -> None:
        self._store = store
        self._log = log
        self._metrics = metrics

    async def run(self) -> None:
        while True:
            try:
                counts = await self._store.open_by_status()
            except Exception as error:  # noqa: BLE001 - a number for a chart; the next look tries again
                self._log.info("open conversations could not be counted", error=type(error).__name__)
            else:
                for status in (WAITING, ACTIVE):
                    self._metrics.conversations.labels(status).set(counts.get(status, 0))
            await asyncio.sleep(EVERY_S)
