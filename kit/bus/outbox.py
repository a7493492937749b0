"""Outbox: facts are published after the write, and again until the broker confirms.

The caller writes a record with a flag and posts it, which never waits: a slow broker delays no caller. Posted records are published at
once. The sweeper publishes records whose flag stayed, of this or another process. So a fact is published at least once even when the
process dies between the write and the broker, and sometimes twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge

from kit.bus.exchanges import BusDown
from kit.runtime.logs import Log

RecordT = TypeVar("RecordT")

# A fact that a crash left is late by seconds; an idle sweep costs nothing.
SWEEP_EVERY_S = 1.0
# A younger flag belongs to a publish in progress.
MIN_AGE_MS = 2000
# Records of one pass: a second's work with a broker that confirms in ten milliseconds.
SWEEP_BATCH = 100
# Posted and not yet published; further records wait for the sweeper, which has no bound.
MAX_POSTED = 1000


class Outbox(Generic[RecordT]):
    """Publishes records and clears their flags.

    `publish` returns once the broker confirmed, or raises BusDown. `done` clears the flag. `pending(before_ms, limit)` returns
    flagged records written before then, oldest first. `run` must be running.
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
        sweep_every_s: float = SWEEP_EVERY_S,
    ) -> None:
        self._sweep_every_s = sweep_every_s
        self._publish = publish
        self._done = done
        self._pending = pending
        self._written_ms = written_ms
        self._now = now
        self._log = log
        self._posted: asyncio.Queue[tuple[RecordT, Context]] = asyncio.Queue(MAX_POSTED)
        self._published = Counter(
            "palique_facts_published", "Facts confirmed by the broker.", ["by"], registry=registry
        )
        self._age = Gauge(
            "palique_outbox_age_seconds", "Age of the oldest fact that is not yet confirmed.", registry=registry
        )
        Gauge("palique_outbox_posted", "Facts in memory that wait for the broker.", registry=registry).set_function(
            self._posted.qsize
        )

    def post(self, record: RecordT) -> None:
        """Queues the record for publishing; with a full queue the sweeper publishes it later."""
        try:
            self._posted.put_nowait((record, copy_context()))
        except asyncio.QueueFull:
            self._log.warning("outbox queue full, fact left to the sweeper")

    async def offer(self, record: RecordT) -> None:
        """Publishes now and waits for the broker; after a failure the sweeper publishes the record."""
        try:
            await self._send(record, "writer")
        except Exception as error:  # noqa: BLE001 - broker or database unreachable: the flag stays for the sweeper
            self._log.info("fact left to the sweeper", error=type(error).__name__)

    async def sweep(self) -> int:
        """Publishes up to SWEEP_BATCH flagged records and returns their number. BusDown ends the pass; any other error skips one record."""
        records = await self._pending(self._now() - MIN_AGE_MS, SWEEP_BATCH)
        self._age.set((self._now() - self._written_ms(records[0])) / 1000 if records else 0)
        sent = 0
        for record in records:
            try:
                await self._send(record, "sweeper")
                sent += 1
            except BusDown:
                raise
            except Exception as error:  # noqa: BLE001 - the next pass tries this record again
                self._log.warning("fact publishing failed", error=type(error).__name__)
        return sent

    async def finish(self) -> None:
        """Waits until every posted record was tried once. Call it at the end of the process, while `run` still runs."""
        await self._posted.join()

    async def run(self) -> None:
        """Publishes posted records and sweeps, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_posted())
            group.create_task(self._run_sweeper())

    async def _run_posted(self) -> None:
        while True:
            record, context = await self._posted.get()
            # In logs and traces the publish belongs to the call that wrote the record.
            await asyncio.create_task(self.offer(record), context=context)
            self._posted.task_done()

    async def _run_sweeper(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_every_s)
            try:
                while await self.sweep() == SWEEP_BATCH:
                    pass  # more are pending
            except Exception as error:  # noqa: BLE001 - database or broker unreachable: the next pass tries again
                self._log.warning("outbox sweep failed", error=type(error).__name__)

    async def _send(self, record: RecordT, by: str) -> None:
        await self._publish(record)
        self._published.labels(by).inc()
        await self._done(record)
