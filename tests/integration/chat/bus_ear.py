"""Receives chat's hints and facts from the bus, as a gateway and another service would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from palique.chat.v1 import live_pb2
from prometheus_client import CollectorRegistry

from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import LIVE
from kit.bus.subscriber import LiveSubscriber, invalid_messages_counter
from kit.bus.work_queue import WorkConsumer
from kit.ids import new_id
from tests.integration.chat.running_chat import quiet_log
from tests.support.eventually import eventually


class Ear:
    """All batches of hints and all facts since it was opened."""

    def __init__(self) -> None:
        self.batches: list[live_pb2.LiveBatch] = []
        self.facts: list[tuple[str, live_pb2.Fact]] = []

    def take_batch(self, _: str, body: bytes) -> None:
        self.batches.append(live_pb2.LiveBatch.FromString(body))

    async def take_fact(self, key: str, body: bytes) -> None:
        self.facts.append((key, live_pb2.Fact.FromString(body)))

    def entries(self, conversation: str) -> list[live_pb2.LiveEntry]:
        """Hints of one conversation, in the order of arrival."""
        return [entry for batch in self.batches for entry in batch.entries if entry.conversation == conversation]

    def reads(self, conversation: str) -> list[live_pb2.LiveRead]:
        return [read for batch in self.batches for read in batch.reads if read.conversation == conversation]

    def facts_of(self, conversation: str) -> list[live_pb2.Fact]:
        return [fact for _, fact in self.facts if fact.conversation.conversation == conversation]

    def numbers(self, publisher: str) -> list[int]:
        return [batch.number for batch in self.batches if batch.publisher == publisher]

    async def wait_hint(self, conversation: str, seq: int) -> list[live_pb2.LiveEntry]:
        """Waits for the hint of `seq`; returns all hints of the conversation."""

        def there() -> list[live_pb2.LiveEntry]:
            found = self.entries(conversation)
            return found if any(entry.seq == seq for entry in found) else []

        return await eventually(there)

    async def wait_facts(self, conversation: str, count: int) -> list[live_pb2.Fact]:
        """Waits for at least `count` facts of the conversation."""

        def there() -> list[live_pb2.Fact]:
            found = self.facts_of(conversation)
            return found if len(found) >= count else []

        return await eventually(there)


@asynccontextmanager
async def listening(amqp_url: str) -> AsyncIterator[Ear]:
    """Uses its own queues, bound before the block begins."""
    ear, registry, log = Ear(), CollectorRegistry(), quiet_log()
    invalid = invalid_messages_counter(registry)
    live = LiveSubscriber(LIVE, "ear", handle=ear.take_batch, on_attached=lambda: None, log=log, invalid=invalid)
    work = WorkConsumer(f"ear.{new_id()}", ["chat.#"], ear.take_fact, log=log, registry=registry)
    bus = BrokerConnection(amqp_url, "ear", (live, work), log=log, connections=connections_gauge(registry))
    running = asyncio.create_task(bus.run())
    try:
        await eventually(bus.is_connected)
        yield ear
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
