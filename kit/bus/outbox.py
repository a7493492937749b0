"""Facts that must reach other services: published after the write, and again until the broker confirmed.

A record is written with a flag and posted, which takes no time: a broker that does not answer delays no caller. What is posted goes
out at once; the sweeper finds flags that stayed, whoever's they are. So a fact goes out at least once even when the process dies
between the write and the broker, and may go out twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge

from kit.bus.exchanges import BusDown
from kit.runtime.logs import Log

RecordT = TypeVar("RecordT")

# Often enough that a fact left behind by a crash is late by seconds, rare enough to cost nothing when idle.
SWEEP_EVERY_S = 1.0
# Younger flags belong to a publish that is still under way.
LEAVE_MS = 2000
# Records of one pass: a second's work with a broker that confirms in ten milliseconds.
SWEEP_LIMIT = 100
# Posted and not yet published; whatever is more waits for the sweeper, which has no bound.
POSTED_BOUND = 1000


class Outbox(Generic[RecordT]):
    """Publishes records and clears their flags.

    `publish` returns once the broker confirmed, or raises BusDown. `done` clears the flag. `pending(before_ms, limit)` gives
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
    ) -> None:
        self._publish = publish
        self._done = done
        self._pending = pending
        self._written_ms = written_ms
        self._now = now
        self._log = log
        self._posted: asyncio.Queue[tuple[RecordT, Context]] = asyncio.Queue(POSTED_BOUND)
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
        """Has the record published soon; with too many waiting, by the sweeper."""
        try:
            self._posted.put_nowait((record, copy_context()))
        except asyncio.QueueFull:
            self._log.warning("too many facts wait; this one is left to the sweeper")

    async def offer(self, record: RecordT) -> None:
        """Publishes now; on failure leaves the record to the sweeper. Takes as long as the broker."""
        try:
            await self._send(record, "writer")
        except Exception as error:  # noqa: BLE001 - broker or database away: the flag stays, and so the sweeper finds it
            self._log.info("a fact waits for the sweeper", error=type(error).__name__)

    async def sweep(self) -> int:
        """One pass over what stayed; gives how many went out. BusDown ends it; a record that fails by itself holds up no other."""
        records = await self._pending(self._now() - LEAVE_MS, SWEEP_LIMIT)
        self._age.set((self._now() - self._written_ms(records[0])) / 1000 if records else 0)
        sent = 0
        for record in records:
            try:
                await self._send(record, "sweeper")
                sent += 1
            except BusDown:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the next pass tries this record again
                self._log.warning("a fact could not be published", error=type(error).__name__)
        return sent

    async def finish(self) -> None:
        """Waits until what was posted has been offered to the broker: at the end of the process, while `run` still runs."""
        await self._posted.join()

    async def run(self) -> None:
        """Publishes what is posted, and sweeps, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._run_posted())
            group.create_task(self._run_sweeper())

    async def _run_posted(self) -> None:
        while True:
            record, context = await self._posted.get()
            # What the broker is told belongs to the call that wrote the record, in logs and traces.
            await asyncio.create_task(self.offer(record), context=context)
            self._posted.task_done()

    async def _run_sweeper(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                while await self.sweep() == SWEEP_LIMIT:
                    pass  # there are more, and all goes well
            except Exception as error:  # noqa: BLE001 - database or broker away: the next pass tries again
                self._log.warning("the outbox sweeper could not finish", error=type(error).__name__)

    async def _send(self, record: RecordT, by: str) -> None:
        await self._publish(record)
        self._published.labels(by).inc()
        await self._done(record)
