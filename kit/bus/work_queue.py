"""Facts as work: a durable queue shared by the replicas of a service; every fact is handled at least once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import NamedTuple

from aio_pika import DeliveryMode, ExchangeType, Message
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kit.bus.contract import InvalidMessage
from kit.bus.exchanges import DEAD, EVENTS, declare
from kit.bus.publisher import PUBLISH_TIMEOUT_S
from kit.runtime.logs import Log
from kit.runtime.traces import NO_TRACES, Traces

# The longest outage of a database or service that facts survive without an operator.
RETRY_FOR_S = 600.0
RETRY_WAIT_S = 5.0
# A handler makes a few calls of a few seconds each; one that takes longer hangs, and would keep its slot for ever.
HANDLE_TIMEOUT_S = 60.0
# Facts in the hands of one consumer: enough to keep a database busy, few to deliver again after a crash.
PREFETCH = 16
# For facts whose consumer dies while it handles them. Part of the queue's declaration: another number makes it undeclarable.
DELIVERY_LIMIT = 120
# Milliseconds of handling and waiting that the attempts at this fact took so far.
RETRIED_MS = "palique-retried-ms"


class _Exits(NamedTuple):
    """Where a failed fact goes, on the channel that it came by."""

    retry: AbstractExchange
    dead: AbstractExchange


class WorkConsumer:
    """Takes facts from a durable quorum queue: at least once, PREFETCH at a time, in no promised order.

    A fact is acknowledged after `handle` returned. When `handle` raises or exceeds `handle_timeout_s`, the fact waits
    `retry_wait_s` in the queue `<queue>.retry` at the broker, where it occupies no slot of the consumer, and is delivered again.
    Once handling and waiting add up to more than `retry_for_s`, it goes to the dead letters, `<queue>.dead`. When `handle` raises
    InvalidMessage, it goes there at once.
    """

    def __init__(
        self,
        queue: str,
        keys: Sequence[str],
        handle: Callable[[str, bytes], Awaitable[None]],
        *,
        log: Log,
        registry: CollectorRegistry,
        retry_for_s: float = RETRY_FOR_S,
        retry_wait_s: float = RETRY_WAIT_S,
        handle_timeout_s: float = HANDLE_TIMEOUT_S,
        traces: Traces = NO_TRACES,
    ) -> None:
        self._queue = queue
        self._keys = keys
        self._handle = handle
        self._traces = traces
        self._retry_for_s = retry_for_s
        self._retry_wait_s = retry_wait_s
        self._handle_timeout_s = handle_timeout_s
        self._log = log.bind(queue=queue)
        self._tasks: set[asyncio.Task[object]] = set()
        self._cancel_consumer: Callable[[], Awaitable[object]] | None = None
        self._taken = Counter("palique_facts_taken", "Facts taken from the bus.", ["outcome"], registry=registry)
        # Created with value 0: a rate over a series that begins at 1 misses the first count.
        for outcome in ("done", "again", "invalid"):
            self._taken.labels(outcome)
        self._seconds = Histogram("palique_facts_handling_seconds", "Time to handle a fact.", registry=registry)
        self._in_hand = Gauge("palique_facts_in_hand", "Facts being handled.", registry=registry)

    async def attach(self, connection: AbstractConnection) -> None:
        channel = await connection.channel(on_return_raises=True)
        await channel.set_qos(prefetch_count=PREFETCH)
        queue = await self._declare_queue(channel)
        exits = _Exits(await self._declare_retry(channel, queue), await declare(channel, DEAD))
        self._cancel_consumer = partial(queue.cancel, await queue.consume(partial(self._take, exits)))

    def detach(self) -> None:
        """Needs no clean-up: the broker delivers again what was not acknowledged."""
        self._cancel_consumer = None

    async def finish(self) -> None:
        """Cancels the consumer and waits for the running handlers. Call it at the end of the process, while the connection runs."""
        if self._cancel_consumer is not None:
            await self._cancel_consumer()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _declare_queue(self, channel: AbstractChannel) -> AbstractQueue:
        await declare(channel, EVENTS)
        await declare(channel, DEAD)
        dead = await channel.declare_queue(f"{self._queue}.dead", durable=True, arguments={"x-queue-type": "quorum"})
        await dead.bind(DEAD.name, f"{self._queue}.dead")
        queue = await channel.declare_queue(
            self._queue,
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-dead-letter-exchange": DEAD.name,
                "x-dead-letter-routing-key": f"{self._queue}.dead",
            },
        )
        for key in self._keys:
            await queue.bind(EVENTS.name, key)
        return queue

    async def _declare_retry(self, channel: AbstractChannel, queue: AbstractQueue) -> AbstractExchange:
        """The exchange that leads to the retry queue, which leads back when a message's time there is over.

        Both ways are fanout exchanges, so that a fact keeps its routing key. All names begin with the queue's, which the
        service's permissions at the broker cover.
        """
        back = await channel.declare_exchange(f"{self._queue}.again", ExchangeType.FANOUT, durable=True)
        await queue.bind(back)
        retry = await channel.declare_exchange(f"{self._queue}.retry", ExchangeType.FANOUT, durable=True)
        waiting = await channel.declare_queue(
            f"{self._queue}.retry",
            durable=True,
            arguments={
                "x-queue-type": "quorum",
                "x-dead-letter-exchange": back.name,
                "x-dead-letter-strategy": "at-least-once",
                "x-overflow": "reject-publish",  # which at-least-once demands
            },
        )
        await waiting.bind(retry)
        return retry

    async def _take(self, exits: _Exits, message: AbstractIncomingMessage) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - the library calls this in a task of its own
        self._tasks.add(task)
        try:
            with self._in_hand.track_inprogress():
                await self._handled(exits, message)
        finally:
            self._tasks.discard(task)

    async def _handled(self, exits: _Exits, message: AbstractIncomingMessage) -> None:
        started = monotonic()
        try:
            with self._seconds.time(), self._traces.taking(EVENTS.name, message.headers):
                async with asyncio.timeout(self._handle_timeout_s):
                    await self._handle(message.routing_key or "", message.body)
        except InvalidMessage as error:
            self._taken.labels("invalid").inc()
            self._log.warning(
                "invalid fact sent to the dead letters",
                key=message.routing_key,
                message_id=message.message_id,
                reason=str(error),
            )
            await _acknowledge(message.reject(requeue=False))
            return
        except Exception as error:  # noqa: BLE001 - any other failure is retried
            self._taken.labels("again").inc()
            self._log.warning("fact handling failed", key=message.routing_key, error=repr(error))
            await self._pass_on(
                exits, message, _retried_s(message.headers) + monotonic() - started + self._retry_wait_s
            )
            return
        self._taken.labels("done").inc()
        await _acknowledge(message.ack())

    async def _pass_on(self, exits: _Exits, message: AbstractIncomingMessage, retried_s: float) -> None:
        """Publishes a copy to the retry queue or the dead letters, then acknowledges the original."""
        try:
            if retried_s <= self._retry_for_s:
                copy = _copy_of(message, {RETRIED_MS: round(retried_s * 1000)}, self._retry_wait_s)
                await exits.retry.publish(copy, message.routing_key or "", timeout=PUBLISH_TIMEOUT_S)
            else:
                # Without the header: a fact that an operator moves back is retried for the whole time again.
                await exits.dead.publish(_copy_of(message, {}), f"{self._queue}.dead", timeout=PUBLISH_TIMEOUT_S)
                self._log.error("fact sent to the dead letters", key=message.routing_key, message_id=message.message_id)
        except (AMQPError, OSError, RuntimeError, TimeoutError) as error:
            self._log.warning("failed fact not passed on", key=message.routing_key, error=repr(error))
            await asyncio.sleep(self._retry_wait_s)
            await _acknowledge(message.nack(requeue=True))
            return
        await _acknowledge(message.ack())


def _retried_s(headers: Mapping[str, object]) -> float:
    retried_ms = headers.get(RETRIED_MS, 0)
    return max(0, retried_ms) / 1000 if isinstance(retried_ms, int) else 0.0


def _copy_of(
    message: AbstractIncomingMessage, headers: Mapping[str, int], expiration_s: float | None = None
) -> Message:
    """The same fact with its own headers and these, without the broker's and without bytes, which the library does not write."""
    own = {key: value for key, value in message.headers.items() if _is_own(key, value)}
    return Message(
        message.body,
        headers={**own, **headers},
        delivery_mode=DeliveryMode.PERSISTENT,
        message_id=message.message_id,
        expiration=expiration_s,
    )


def _is_own(key: str, value: object) -> bool:
    return isinstance(value, str) and not key.startswith("x-") and key != RETRIED_MS


async def _acknowledge(answer: Awaitable[None]) -> None:
    with suppress(AMQPError, OSError, RuntimeError):  # the connection is lost: the broker delivers the message again
        await answer
