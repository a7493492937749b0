"""RabbitMQ connection that reconnects for ever, with the clients that use it.

Exchanges: `palique.live` (fan-out: hints), `palique.presence` (direct: soft state), `palique.events` (topic, durable: facts).
The loss of the broker loses no data. Publishers raise BusDown at once, live subscribers learn that messages may be missing,
and work queues keep their messages in the broker.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import aio_pika
from aio_pika.abc import AbstractConnection
from prometheus_client import CollectorRegistry, Gauge

from kit.bus.undecodable import accept_undecodable
from kit.runtime.cancellation import being_cancelled
from kit.runtime.logs import Log

# A broker on the same network answers in milliseconds; a black hole must not block the caller longer.
CONNECT_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
# The library closes after three missed heartbeats and a second for each: a cut cable is found in 20 s.
HEARTBEAT_S = 5
WATCH_S = 1.0
ALARM = (
    "takes no messages: its disk is full, or its memory; free space there, `rabbitmq-diagnostics alarms` names which"
)
RECONNECT_MIN_S, RECONNECT_MAX_S = 0.2, 3.0


class BrokerClient(Protocol):
    """Publisher, subscriber or consumer that uses a connection and survives its loss."""

    async def attach(self, connection: AbstractConnection) -> None:
        """Called on a new connection: open channels, declare, consume."""

    def detach(self) -> None:
        """Called when the connection is lost."""


def connections_gauge(registry: CollectorRegistry) -> Gauge:
    """Gauge of the connections of this process, by name."""
    return Gauge("palique_bus_connected", "1 while this connection to the broker is open.", ["bus"], registry=registry)


class BrokerConnection:
    """One connection and its clients. Hints and facts have a connection each, so that a flood on one does not delay the other.

    `connections` is the result of `connections_gauge`: one for all connections of a process.
    """

    def __init__(
        self,
        url: str,
        name: str,
        clients: Sequence[BrokerClient],
        *,
        log: Log,
        connections: Gauge,
        heartbeat_s: int = HEARTBEAT_S,
    ) -> None:
        accept_undecodable()
        self._url = url
        self._name = name
        self._clients = clients
        self._heartbeat_s = heartbeat_s
        self._log = log.bind(bus=name)
        self._connected = connections.labels(name)
        self._connected.set(0)
        self.connected = False

    async def is_connected(self) -> bool:
        """For the readiness probe."""
        return self.connected

    async def run(self) -> None:
        """Connects, waits for the loss, connects again; until cancelled."""
        failures = 0
        while True:
            try:
                await self._serve_one_connection()
                failures = 0
            except asyncio.CancelledError:
                if being_cancelled():
                    raise
                failures += 1  # the library cancels tasks that wait on a lost connection
            except Exception as error:  # noqa: BLE001 - every failure is retried
                failures += 1
                self._log.warning("broker connection failed", error=type(error).__name__, failures=failures)
            ceiling_s = min(RECONNECT_MAX_S, RECONNECT_MIN_S * 2 ** min(failures, 10))
            await asyncio.sleep(random.uniform(RECONNECT_MIN_S / 2, ceiling_s))  # noqa: S311 - jitter, no secret

    async def _serve_one_connection(self) -> None:
        connection = await aio_pika.connect(
            self._url,
            timeout=CONNECT_TIMEOUT_S,
            heartbeat=self._heartbeat_s,
            client_properties={"connection_name": f"palique-{self._name}"},
        )
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                for client in self._clients:
                    await client.attach(connection)
            ended = _end_of(connection)
            self._set_connected(True)
            self._log.info("broker connected")
            await self._watch(connection, ended)
            self._log.warning("broker connection lost")
        finally:
            self._set_connected(False)
            for client in self._clients:
                client.detach()
            await close(connection)

    async def _watch(self, connection: AbstractConnection, ended: asyncio.Event) -> None:
        """Until the end of the connection. A broker with an alarm refuses nothing: it reads no further messages."""
        taking = True
        while not ended.is_set():
            if taking != (taking := await _is_taking(connection)):
                self._log.warning("broker takes messages again" if taking else f"broker {ALARM}")
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_S):
                    await ended.wait()

    def _set_connected(self, connected: bool) -> None:
        self.connected = connected
        self._connected.set(int(connected))


async def _is_taking(connection: AbstractConnection) -> bool:
    """False between the broker's notices that it blocks this connection, and that it does not any more."""
    transport = connection.transport
    if transport is None:
        return True
    try:
        async with asyncio.timeout(0):
            await transport.connection.ready()
    except TimeoutError:
        return False
    return True


def _end_of(connection: AbstractConnection) -> asyncio.Event:
    """Event that is set when the connection, a channel or a consumer on it ends. The library reopens no single one, so all reconnect."""
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


async def close(connection: AbstractConnection) -> None:
    """Bounded: the library waits long for the reply of a broker that does not answer."""
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await connection.close()
