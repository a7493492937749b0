"""Facts that must reach other services: published after the write, and again until the broker confirmed.

A record is written with a flag. `publish` is tried at once; the sweeper finds flags that stayed, whoever's they are. So a fact
goes out at least once even when the process dies between the write and the broker, and may go out twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge

from kit.bus import BusDown
from kit.logs import Log

RecordT = TypeVar("RecordT")

# Often enough that a fact left behind by a crash is late by seconds, rare enough to cost nothing when idle.
SWEEP_EVERY_S = 1.0
# Younger flags belong to a publish that is still under way.
LEAVE_MS = 2000


class Outbox(Generic[RecordT]):
    """Publishes records and clears their flags.

    `publish` returns once the broker confirmed, or raises BusDown. `done` clears the flag. `pending(before_ms, limit)` gives
    flagged records written before then, oldest first.
    """

    def __init__(
        self,
        *,
        publish: Callable[[RecordT], Awaitable[None]],
        done: Callable[[RecordT], Awaitable[None]],
        pending: Callable[[int, int], Awaitable[Sequence[RecordT]]],
        written_ms: Callable[[RecordT], int],
        now: Callable[[], int],
        log: Log,
        registry: CollectorRegistry,
    ) -> None:
        self._publish = publish
        self._done = done
        self._pending = pending
        self._written_ms = written_ms
        self._now = now
        self._log = log
        self._published = Counter("palique_facts_published", "Facts confirmed by the broker.", ["by"], registry=registry)
        self._age = Gauge(
            "palique_outbox_age_seconds", "Age of the oldest fact that is not yet confirmed.", registry=registry
        )

    async def offer(self, record: RecordT) -> None:
        """Tries at once; on failure leaves the record to the sweeper."""
        try:
            await self._send(record, "writer")
        except (BusDown, TimeoutError):
            self._log.info("a fact waits for the sweeper")

    async def sweep(self) -> None:
        """One pass over what stayed."""
        records = await self._pending(self._now() - LEAVE_MS, 100)
        self._age.set((self._now() - self._written_ms(records[0])) / 1000 if records else 0)
        for record in records:
            await self._send(record, "sweeper")

    async def run(self) -> None:
        """Sweeps until cancelled; a failing pass is tried again at the next."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                await self.sweep()
            except Exception as error:  # noqa: BLE001 - database or broker away: the next pass tries again
                self._log.warning("the outbox sweeper could not finish", error=type(error).__name__)

    async def _send(self, record: RecordT, by: str) -> None:
        await self._publish(record)
        self._published.labels(by).inc()
        await self._done(record)
