"""RabbitMQ: a connection that is made again for ever, and what hangs on it.

Exchanges: `palique.live` (fan-out: hints), `palique.presence` (direct: soft state), `palique.events` (topic, durable: facts).
Losing the broker loses no truth: publishers raise BusDown at once, live subscribers are told that they may have missed something,
work consumers (`kit/work.py`) find their messages again.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractExchange, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError
from prometheus_client import CollectorRegistry, Gauge

from kit.cancelling import being_cancelled
from kit.ids import new_id
from kit.logs import Log
from kit.traces import NO_TRACES, Traces

# A broker on the same network answers in milliseconds; a black hole must not hold anything up for longer.
CONNECT_TIMEOUT_S = 5.0
PUBLISH_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
BIND_TIMEOUT_S = 5.0
# The library gives up after three missed ones and a second for each: a cut cable is found in 20 s.
HEARTBEAT_S = 5
RECONNECT_MIN_S, RECONNECT_MAX_S = 0.2, 3.0
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


def connections_gauge(registry: CollectorRegistry) -> Gauge:
    """Tells of each connection of this process, by name, whether it stands."""
    return Gauge("palique_bus_connected", "1 while this connection to the broker stands.", ["bus"], registry=registry)


class Bus:
    """One connection and its participants. Each plane has a Bus of its own, so that a flood on one does not delay the other.

    `connections` is what `connections_gauge` gave: one for all connections of a process.
    """

    def __init__(
        self, url: str, name: str, participants: Sequence[Participant], *, log: Log, connections: Gauge
    ) -> None:
        self._url = url
        self._name = name
        self._participants = participants
        self._log = log.bind(bus=name)
        self._connected = connections.labels(name)
        self._connected.set(0)
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
            except asyncio.CancelledError:
                if being_cancelled():
                    raise
                failures += 1  # the library cancels what waits on a connection that goes
            except Exception as error:  # noqa: BLE001 - whatever is wrong with the broker, it must be tried again
                failures += 1
                self._log.warning("the broker cannot be reached", error=type(error).__name__, failures=failures)
            ceiling_s = min(RECONNECT_MAX_S, RECONNECT_MIN_S * 2 ** min(failures, 10))
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
            ended = _watched(connection)
            self._set_connected(True)
            self._log.info("the broker is there")
            await ended.wait()
            self._log.warning("the broker is gone")
        finally:
            self._set_connected(False)
            for participant in self._participants:
                participant.detach()
            await _close(connection)

    def _set_connected(self, connected: bool) -> None:
        self.connected = connected
        self._connected.set(int(connected))


def _watched(connection: AbstractConnection) -> asyncio.Event:
    """Set when the connection has ended, or a channel or a consumer on it: then all starts anew, for a part alone never comes back."""
    ended = asyncio.Event()
    connection.close_callbacks.add(lambda *_: ended.set())
    if connection.is_closed or connection.transport is None:
        ended.set()
        return ended
    for channel in connection.transport.connection.channels.values():
        if channel is not None:
            channel.closing.add_done_callback(lambda _: ended.set())
            channel.on_consumer_cancel_callbacks.add(lambda _: ended.set())
    return ended


async def _close(connection: AbstractConnection) -> None:
    # It is gone, which is what was wanted; the library waits long for the farewell of a broker that does not answer.
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await connection.close()


class Publisher:
    """Publishes to one exchange.

    With `confirms` a return means that the broker has the message in every queue that is bound for it, on disk if durable. With
    `mandatory` one queue at least must be bound, else BusDown: so what is said before its readers ever came waits in the outbox.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        confirms: bool,
        mandatory: bool = False,
        ttl_s: float | None = None,
        timeout_s: float = PUBLISH_TIMEOUT_S,
        traces: Traces = NO_TRACES,
    ) -> None:
        self._spec = exchange
        self._confirms = confirms
        self._mandatory = mandatory
        self._ttl_s = ttl_s
        self._timeout_s = timeout_s
        self._traces = traces
        self._exchange: AbstractExchange | None = None

    async def attach(self, connection: AbstractConnection) -> None:
        channel = await connection.channel(publisher_confirms=self._confirms, on_return_raises=self._confirms)
        if self._spec is EVENTS:
            await declare(channel, DEAD)
        self._exchange = await declare(channel, self._spec)

    def detach(self) -> None:
        self._exchange = None

    async def publish(self, body: bytes, routing_key: str = "", message_id: str | None = None) -> None:
        """BusDown when the broker is away, refuses the message or does not take it in five seconds: then it may have arrived or not."""
        exchange = self._exchange
        if exchange is None:
            raise BusDown("not connected")
        mode = aio_pika.DeliveryMode.PERSISTENT if self._spec.durable else aio_pika.DeliveryMode.NOT_PERSISTENT
        try:
            with self._traces.publishing(self._spec.name) as headers:
                message = aio_pika.Message(
                    body, headers=headers, delivery_mode=mode, message_id=message_id, expiration=self._ttl_s
                )
                await exchange.publish(message, routing_key, mandatory=self._mandatory, timeout=self._timeout_s)
        except asyncio.CancelledError as error:
            if being_cancelled():
                raise
            raise BusDown("the connection went meanwhile") from error
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
        traces: Traces = NO_TRACES,
    ) -> None:
        self._spec = exchange
        self._owner = owner
        self._handle = handle
        self._fresh = fresh
        self._log = log
        self._keys = set(keys)
        self._traces = traces
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
        self._queue = queue
        bound: set[str] = set()
        while missing := self._keys - bound:  # some may be followed meanwhile
            for key in missing:
                await queue.bind(self._spec.name, key)
            bound |= missing
        self._fresh()
        await queue.consume(self._take, no_ack=True)

    def detach(self) -> None:
        self._queue = None

    async def follow(self, key: str) -> None:
        """Takes one more key, now and at every later connection. While the broker is away it is only remembered."""
        self._keys.add(key)
        if self._queue is not None:
            await _attempted(self._queue.bind(self._spec.name, key))

    async def unfollow(self, key: str) -> None:
        """The other way round."""
        self._keys.discard(key)
        if self._queue is not None:
            await _attempted(self._queue.unbind(self._spec.name, key))

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            with self._traces.taking(self._spec.name, message.headers):
                self._handle(message.routing_key or "", message.body)
        except Exception:  # noqa: BLE001 - one bad message must not end the subscription
            self._log.exception("a live message could not be handled", key=message.routing_key)


async def _attempted(change: Awaitable[object]) -> None:
    """A change of a queue that the next connection makes anyway."""
    try:
        async with asyncio.timeout(BIND_TIMEOUT_S):
            await change
    except asyncio.CancelledError:
        if being_cancelled():
            raise
    except (AMQPError, OSError, TimeoutError, RuntimeError):
        return


async def declare(channel: AbstractChannel, exchange: Exchange) -> AbstractExchange:
    """Makes sure that the exchange is there; every participant does, so the order of start-up does not matter."""
    return await channel.declare_exchange(exchange.name, exchange.kind, durable=exchange.durable)
