"""A replica of a site's visitors as a gateway keeps it: a snapshot, numbered deltas, and a new snapshot after each gap."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from palique.presence.v1 import live_pb2
from palique.presence.v1 import presence_pb2 as pb
from prometheus_client import CollectorRegistry

from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import PRESENCE
from kit.bus.subscriber import LiveSubscriber, invalid_messages_counter
from kit.ids import now_ms
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.presence.replicated_list import ReplicatedList
from tests.integration.presence.service import Service, metadata


class Watcher:
    """Equal to ListOnline once no change is under way."""

    def __init__(self, presence: Service, site: str = "acme") -> None:
        self.roster: ReplicatedList[pb.VisitorRow] = ReplicatedList()
        self.snapshots = 0
        self.deltas: list[live_pb2.VisitorsDelta] = []
        self.behind = asyncio.Event()
        self._reading = False
        self._presence = presence
        self._site = site
        self._numbers = GapDetector()

    @property
    def rows(self) -> dict[str, pb.VisitorRow]:
        return self.roster.rows

    @property
    def is_up_to_date(self) -> bool:
        """False while a delta may be missing."""
        return not self.behind.is_set() and not self._reading

    def fresh(self) -> None:
        self._numbers.reset()
        self.behind.set()

    def receive(self, key: str, body: bytes) -> None:
        delta = live_pb2.VisitorsDelta.FromString(body)
        assert key == f"visitors.{delta.site}"
        self.deltas.append(delta)
        if self._numbers.observe(delta.publisher, delta.number, now_ms()):
            self.behind.set()
        apply(self.roster, delta)

    async def follow(self) -> None:
        """Reads the list whenever a delta may be missing."""
        while True:
            await self.behind.wait()
            self.behind.clear()
            self._reading = True
            request = pb.ListOnlineRequest(site=self._site)
            take(self.roster, await self._presence.stub.ListOnline(request, metadata=metadata(), timeout=10))
            self.snapshots += 1
            self._reading = False


def apply(roster: ReplicatedList[pb.VisitorRow], delta: live_pb2.VisitorsDelta) -> None:
    for row in delta.upserts:
        roster.upsert(row.visitor, row.rev, row)
    for gone in delta.gone:
        roster.remove(gone.visitor, gone.rev)


def take(roster: ReplicatedList[pb.VisitorRow], answer: pb.ListOnlineResponse) -> None:
    roster.apply_snapshot({row.visitor: (row.rev, row) for row in answer.rows}, answer.as_of_rev)
    for gone in answer.gone:
        roster.remove(gone.visitor, gone.rev)


@asynccontextmanager
async def watching(presence: Service, amqp_url: str, site: str = "acme") -> AsyncIterator[Watcher]:
    """A watcher with its own broker connection."""
    watcher = Watcher(presence, site)
    log = structlog.stdlib.get_logger("test")
    registry = CollectorRegistry()
    subscriber = LiveSubscriber(
        PRESENCE,
        "watcher",
        handle=watcher.receive,
        on_attached=watcher.fresh,
        log=log,
        invalid=invalid_messages_counter(registry),
        keys=[f"visitors.{site}"],
    )
    bus = BrokerConnection(amqp_url, "watcher", [subscriber], log=log, connections=connections_gauge(registry))
    tasks = [asyncio.create_task(bus.run()), asyncio.create_task(watcher.follow())]
    try:
        yield watcher
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
