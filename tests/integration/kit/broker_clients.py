"""Clients of a real broker: a connection that runs, a channel past the bus, a subscriber that records, and a worker."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import structlog
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from prometheus_client import CollectorRegistry

from kit.bus.connection import HEARTBEAT_S, BrokerClient, BrokerConnection, connections_gauge
from kit.bus.exchanges import LIVE, Exchange
from kit.bus.subscriber import LiveSubscriber, invalid_messages_counter
from kit.bus.work_queue import WorkConsumer
from kit.ids import new_id
from tests.support.eventually import eventually

LOG = structlog.stdlib.get_logger("test")


@asynccontextmanager
async def running(
    url: str, clients: Sequence[BrokerClient], heartbeat_s: int = HEARTBEAT_S
) -> AsyncIterator[BrokerConnection]:
    """A connection to the broker that is open."""
    gauge = connections_gauge(CollectorRegistry())
    bus = BrokerConnection(url, "test", clients, log=LOG, connections=gauge, heartbeat_s=heartbeat_s)
    task = asyncio.create_task(bus.run())
    try:
        await eventually(lambda: bus.connected)
        yield bus
    finally:
        task.cancel()
        await asyncio.wait((task,), timeout=10)
        assert task.cancelled(), "the bus does not end when cancelled"


@asynccontextmanager
async def channel_to(url: str) -> AsyncIterator[AbstractChannel]:
    connection = await aio_pika.connect(url)
    try:
        yield await connection.channel()
    finally:
        await connection.close()


class Heard:
    """A live subscriber that records its calls."""

    def __init__(self, exchange: Exchange = LIVE, keys: Sequence[str] = ("",)) -> None:
        self.events: list[object] = []
        self.subscriber = LiveSubscriber(
            exchange,
            "test",
            handle=self._handle,
            on_attached=lambda: self.events.append("attached"),
            log=LOG,
            invalid=invalid_messages_counter(CollectorRegistry()),
            keys=keys,
        )

    def _handle(self, key: str, body: bytes) -> None:
        if body == b"bad":
            raise ValueError("bad")
        self.events.append((key, body))


def worker(handle: Callable[[str, bytes], Any], queue: str = "", **options: Any) -> tuple[str, WorkConsumer]:
    queue = queue or f"work.{new_id()}"
    return queue, WorkConsumer(queue, ("test.*",), handle, log=LOG, registry=CollectorRegistry(), **options)


async def dead_letter(channel: AbstractChannel, queue: str) -> AbstractIncomingMessage:
    dead = await channel.get_queue(f"{queue}.dead")
    message = await eventually(lambda: dead.get(fail=False, no_ack=True))
    assert message is not None
    return message
