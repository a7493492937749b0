"""Facts as work: a durable queue shared by the replicas of a service, from which every fact is handled at least once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kit.bus.exchanges import DEAD, EVENTS, declare
from kit.runtime.logs import Log
from kit.runtime.traces import NO_TRACES, Traces

# Deliveries of one work message before it goes to the dead letters; with the wait below, ten minutes of trying.
DELIVERY_LIMIT = 120
RETRY_WAIT_S = 5.0
# Handling a fact is a few calls of a few seconds at most; what takes longer hangs, and would hold its place for ever.
HANDLE_TIMEOUT_S = 60.0
# Work in hand of one consumer: enough to keep a database busy, little to deliver again after a crash.
WORK_PREFETCH = 16


class WorkConsumer:
    """Takes facts from a durable quorum queue shared by all replicas: at least once, several at a time, in no promised order.

    A fact is acknowledged after `handle` returned. When `handle` raises or hangs, the fact is delivered again after a wait; past
    the delivery limit it goes to the dead letters, the queue's name with `.dead`.
    """

    def __init__(
        self,
        queue: str,
        keys: Sequence[str],
        handle: Callable[[str, bytes], Awaitable[None]],
        *,
        log: Log,
        registry: CollectorRegistry,
        delivery_limit: int = DELIVERY_LIMIT,
        retry_wait_s: float = RETRY_WAIT_S,
        traces: Traces = NO_TRACES,
    ) -> None:
        self._queue = queue
        self._keys = keys
        self._handle = handle
        self._traces = traces
        self._delivery_limit = delivery_limit
        self._retry_wait_s = retry_wait_s
        self._log = log.bind(queue=queue)
        self._tasks: set[asyncio.Task[object]] = set()
        self._take_no_more: Callable[[], Awaitable[object]] | None = None
        self._taken = Counter("palique_facts_taken", "Facts taken from the bus.", ["outcome"], registry=registry)
        # There from the start: a rate over what appears only with its first count misses that one.
        for outcome in ("done", "again"):
            self._taken.labels(outcome)
        self._seconds = Histogram("palique_facts_handling_seconds", "Time to handle a fact.", registry=registry)
        self._in_hand = Gauge(
            "palique_facts_in_hand", "Facts being handled, or waiting to be tried again.", registry=registry
        )

    async def attach(self, connection: AbstractConnection) -> None:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=WORK_PREFETCH)
        await declare(channel, EVENTS)
        await declare(channel, DEAD)
        dead = await channel.declare_queue(f"{self._queue}.dead", durable=True, arguments={"x-queue-type": "quorum"})
        await dead.bind(DEAD.name, f"{self._queue}.dead")
        queue = await channel.declare_queue(
            self._queue,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": self._delivery_limit,
                "x-dead-letter-exchange": DEAD.name,
                "x-dead-letter-routing-key": f"{self._queue}.dead",
            },
        )
        for key in self._keys:
            await queue.bind(EVENTS.name, key)
        self._take_no_more = partial(queue.cancel, await queue.consume(self._take))

    def detach(self) -> None:
        """Nothing is kept: what was not acknowledged is delivered again."""
        self._take_no_more = None

    async def finish(self) -> None:
        """Takes no more facts, and returns when those in hand are settled: at the end of the process, while its bus still runs."""
        if self._take_no_more is not None:
            await self._take_no_more()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the library calls this in a task of its own
        self._tasks.add(task)
        try:
            with self._in_hand.track_inprogress():
                await self._handled(message)
        finally:
            self._tasks.discard(task)

    async def _handled(self, message: AbstractIncomingMessage) -> None:
        try:
            with self._seconds.time(), self._traces.taking(EVENTS.name, message.headers):
                async with asyncio.timeout(HANDLE_TIMEOUT_S):
                    await self._handle(message.routing_key or "", message.body)
        except Exception as error:  # noqa: BLE001 - whatever it was, the fact must come again
            self._taken.labels("again").inc()
            self._log.warning("a fact could not be handled", key=message.routing_key, error=repr(error))
            await asyncio.sleep(self._retry_wait_s)
            await _acknowledge(message.nack(requeue=True))
            return
        self._taken.labels("done").inc()
        await _acknowledge(message.ack())


async def _acknowledge(answer: Awaitable[None]) -> None:
    with suppress(AMQPError, OSError, RuntimeError):  # the connection went: the message comes again
        await answer
