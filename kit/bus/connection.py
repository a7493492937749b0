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

from kit.runtime.cancellation import being_cancelled
from kit.runtime.logs import Log

# A broker on the same network answers in milliseconds; a black hole must not block the caller longer.
CONNECT_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 1.0
# The library closes after three missed heartbeats and a second for each: a cut cable is found in 20 s.
HEARTBEAT_S = 5
RECONNECT_MIN_S, RECONNECT_MAX_S = 0.2, 3.0


class BrokerClient(Protocol):
    """Something that hangs on a connection."""

    async def attach(self, connection: AbstractConnection) -> None:
        """The connection is fresh: open channels, declare, consume."""

    def detach(self) -> None:
        """The connection is gone."""


def connections_gauge(registry: CollectorRegistry) -> Gauge:
    """Tells of each connection of this process, by name, whether it stands."""
    return Gauge("palique_bus_connected", "1 while this connection to the broker stands.", ["bus"], registry=registry)


class BrokerConnection:
    """One connection and its participants. Each plane has a BrokerConnection of its own, so that a flood on one does not delay the other.

    `connections` is what `connections_gauge` gave: one for all connections of a process.
    """

    def __init__(
        self, url: str, name: str, participants: Sequence[BrokerClient], *, log: Log, connections: Gauge
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
