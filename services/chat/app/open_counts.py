"""Gauges of waiting and active conversations over all sites, counted in the database because no process knows all of them.

Every chat process exports the same number, so dashboards use the maximum, never the sum.
"""

import asyncio

from kit.runtime.logs import Log
from services.chat.domain.log import ACTIVE, WAITING
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore

# Half of a usual scrape interval; the count reads the index of open conversations, at most some thousand keys.
COUNT_INTERVAL_S = 5.0


class OpenCounts:
    """`run` counts until cancelled; while the database is away the last values stay."""

    def __init__(
        self, store: ConversationStore, *, log: Log, metrics: Metrics, interval_s: float = COUNT_INTERVAL_S
    ) -> None:
        self._store = store
        self._log = log
        self._metrics = metrics
        self._interval_s = interval_s

    async def run(self) -> None:
        while True:
            try:
                counts = await self._store.open_by_status()
            except Exception as error:  # noqa: BLE001 - a gauge for a chart; the next round retries
                self._log.info("count of open conversations failed", error=type(error).__name__)
            else:
                for status in (WAITING, ACTIVE):
                    self._metrics.conversations.labels(status).set(counts.get(status, 0))
            await asyncio.sleep(self._interval_s)
