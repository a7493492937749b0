"""RabbitMQ: a connection that is made again for ever, and what hangs on it.

Exchanges: `palique.live` (fan-out: hints), `palique.presence` (direct: soft state), `palique.events` (topic, durable: facts).
Losing the broker loses no truth: publishers raise BusDown at once, live subscribers are told that they may have missed something,
work consumers find their messages again.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError
from prometheus_client import CollectorRegistry, Counter, Gauge

from kit.ids import new_id
from kit.logs import Log

# A broker on the same network answers in milliseconds; a black hole must not hold anything up for longer.
CONNECT_TIMEOUT_S = 5.0
PUBLISH_TIMEOUT_S = 5.0
# Two missed ones end the connection: a cut cable is found in 20 s.
HEARTBEAT_S = 10
RECONNECT_MIN_S, RECONNECT_MAX_S = 0.2, 3.0
# Deliveries of one work message before it goes to the dead letters; with the wait below, ten minutes of trying.
DELIVERY_LIMIT = 120
RETRY_WAIT_S = 5.0
# Work in hand of one consumer: enough to keep a database busy, little to deliver again after a crash.
WORK_PREFETCH = 16
# Hints that may wait for a slow gateway before the oldest go; it then sees the gap and asks.
LIVE_BOUND = 10_000


class Exchange(NamedTuple):
    name: str
    kind: aio_pika.ExchangeType
    durable: bool


LIVE = Exchange("palique.live", aio_pika.ExchangeType.FANOUT, durable=False)
PRESENCE = Exchange("palique.presence", aio_pika.ExchangeType.DIRECT, durable=False)
EVENTS = Exchange("palique.events", aio_pika.ExchangeType.TOPIC, durable=True)
DEAD = Exchange("palique.dead", aio_pika.ExchangeType.TOPIC, durable=True)


class BusDown(Exception):
    """There is no broker right now, or it did not take the message."""


class Participant(Protocol):
    """Something that hangs on a connection."""

    async def attach(self, connection: AbstractConnection) -> None:
        """The connection is fresh: open channels, declare, consume."""

    def detach(self) -> None:
        """The connection is gone."""


class Bus:
    """One connection and its participants. Each plane has a Bus of its own, so that a flood on one does not delay the other."""

    def __init__(
        self, url: str, name: str, participants: Sequence[Participant], *, log: Log, registry: CollectorRegistry
    ) -> None:
        self._url = url
        self._name = name
        self._participants = participants
        self._log = log.bind(bus=name)
        self._connected = Gauge(
            f"palique_bus_{name.replace('-', '_')}_connected", "1 while the broker is there.", registry=registry
        )
        self.connected = False

    async def is_connected(self) -> bool:
        """For the readiness probe."""
        return self.connected

    async def run(self) -> None:
        """Connects, serves, connects again; until cancelled."""
        failures = 0
        while True:
            try:
                await self._serve_one_connection()
                failures = 0
            except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
                failures += 1
                self._log.warning("the broker cannot be reached", error=type(error).__name__, failures=failures)
            ceiling_s = min(RECONNECT_MAX_S, RECONNECT_MIN_S * 2**failures)
            await asyncio.sleep(random.uniform(RECONNECT_MIN_S / 2, ceiling_s))  # noqa: S311 - jitter, no secret

    async def _serve_one_connection(self) -> None:
        connection = await aio_pika.connect(
            self._url,
            timeout=CONNECT_TIMEOUT_S,
            heartbeat=HEARTBEAT_S,
            client_properties={"connection_name": f"palique-{self._name}"},
        )
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                for participant in self._participants:
                    await participant.attach(connection)
            self._set_connected(True)
            self._log.info("the broker is there")
            await _until_closed(connection)
            self._log.warning("the broker is gone")
        finally:
            self._set_connected(False)
            for participant in self._participants:
                participant.detach()
            await _close(connection)

    def _set_connected(self, connected: bool) -> None:
        self.connected = connected
        self._connected.set(int(connected))


async def _until_closed(connection: AbstractConnection) -> None:
    closed = asyncio.Event()
    connection.close_callbacks.add(lambda *_: closed.set())
    if not connection.is_closed:
        await closed.wait()


async def _close(connection: AbstractConnection) -> None:
    try:
        async with asyncio.timeout(1):
            await connection.close()
    except (AMQPError, OSError, TimeoutError, RuntimeError):
        pass  # it is gone, which is what was wanted


class Publisher:
    """Publishes to one exchange. With `confirms` a return means that the broker has the message, routed and, if durable, on disk."""

    def __init__(self, exchange: Exchange, *, confirms: bool, ttl_s: float | None = None) -> None:
        self._spec = exchange
        self._confirms = confirms
        self._ttl_s = ttl_s
        self._exchange: AbstractExchange | None = None

    async def attach(self, connection: AbstractConnection) -> None:
        channel = await connection.channel(publisher_confirms=self._confirms, on_return_raises=self._confirms)
        if self._spec is EVENTS:
            await declare(channel, DEAD)
        self._exchange = await declare(channel, self._spec)

    def detach(self) -> None:
        self._exchange = None

    async def publish(self, body: bytes, routing_key: str = "", message_id: str | None = None) -> None:
        """BusDown when the broker is away, returns the message or does not answer in five seconds: then it may have arrived or not."""
        exchange = self._exchange
        if exchange is None:
            raise BusDown("not connected")
        mode = aio_pika.DeliveryMode.PERSISTENT if self._spec.durable else aio_pika.DeliveryMode.NOT_PERSISTENT
        message = aio_pika.Message(body, delivery_mode=mode, message_id=message_id, expiration=self._ttl_s)
        try:
            await exchange.publish(message, routing_key, mandatory=False, timeout=PUBLISH_TIMEOUT_S)
        except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
            raise BusDown(type(error).__name__) from error


class LiveSubscriber:
    """Takes what is said now, into a queue of its own that ends with the connection and has a new name at each.

    `handle` gets (routing key, body), one at a time, and must not wait. `fresh` is called when the queue is bound, before anything
    arrives: whatever was said until then was missed.
    """

    def __init__(
        self,
        exchange: Exchange,
        owner: str,
        *,
        handle: Callable[[str, bytes], None],
        fresh: Callable[[], None],
        log: Log,
        keys: Sequence[str] = ("",),
    ) -> None:
        self._spec = exchange
        self._owner = owner
        self._handle = handle
        self._fresh = fresh
        self._log = log
        self._keys = set(keys)
        self._queue: AbstractQueue | None = None

    async def attach(self, connection: AbstractConnection) -> None:
        channel = await connection.channel(publisher_confirms=False)
        await declare(channel, self._spec)
        queue = await channel.declare_queue(
            f"{self._owner}.{new_id()}",
            exclusive=True,
            auto_delete=True,
            arguments={"x-max-length": LIVE_BOUND, "x-overflow": "drop-head"},
        )
        for key in self._keys:
            await queue.bind(self._spec.name, key)
        self._queue = queue
        self._fresh()
        await queue.consume(self._take, no_ack=True)

    def detach(self) -> None:
        self._queue = None

    async def follow(self, key: str) -> None:
        """Binds one more key, now and at every later connection."""
        self._keys.add(key)
        if self._queue is not None:
            await self._queue.bind(self._spec.name, key)

    async def unfollow(self, key: str) -> None:
        """The other way round."""
        self._keys.discard(key)
        if self._queue is not None:
            await self._queue.unbind(self._spec.name, key)

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            self._handle(message.routing_key or "", message.body)
        except Exception:  # noqa: BLE001 - one bad message must not end the subscription
            self._log.exception("a live message could not be handled", key=message.routing_key)


class WorkConsumer:
    """Takes facts from a durable quorum queue shared by all replicas; at least once, acknowledged after `handle` returned.

    When `handle` raises, the fact is delivered again after a wait; past the delivery limit it goes to the dead letters.
    """

    def __init__(
        self,
        queue: str,
        keys: Sequence[str],
        handle: Callable[[str, bytes], Awaitable[None]],
        *,
        log: Log,
        registry: CollectorRegistry,
    ) -> None:
        self._queue = queue
        self._keys = keys
        self._handle = handle
        self._log = log.bind(queue=queue)
        self._taken = Counter("palique_facts_taken", "Facts taken from the bus.", ["outcome"], registry=registry)

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
                "x-delivery-limit": DELIVERY_LIMIT,
                "x-dead-letter-exchange": DEAD.name,
                "x-dead-letter-routing-key": f"{self._queue}.dead",
            },
        )
        for key in self._keys:
            await queue.bind(EVENTS.name, key)
        await queue.consume(self._take)

    def detach(self) -> None:
        """Nothing is kept: what was not acknowledged is delivered again."""

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            await self._handle(message.routing_key or "", message.body)
        except Exception as error:  # noqa: BLE001 - whatever it was, the fact must come again
            self._taken.labels("again").inc()
            self._log.warning("a fact could not be handled", key=message.routing_key, error=repr(error))
            await asyncio.sleep(RETRY_WAIT_S)
            await _settle(message.nack(requeue=True))
            return
        self._taken.labels("done").inc()
        await _settle(message.ack())


async def _settle(answer: Awaitable[None]) -> None:
    with suppress(AMQPError, OSError, RuntimeError):  # the connection went: the message comes again
        await answer


async def declare(channel: AbstractChannel, exchange: Exchange) -> AbstractExchange:
    """Makes sure that the exchange is there; every participant does, so the order of start-up does not matter."""
    return await channel.declare_exchange(exchange.name, exchange.kind, durable=exchange.durable)
