"""Snapshot and deltas equal the list, for every interleaving: two processes on the real database, deltas carried by the test."""

import asyncio
import random
from typing import NamedTuple

import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from palique.presence.v1 import live_pb2
from palique.presence.v1 import presence_pb2 as pb
from prometheus_client import CollectorRegistry

from kit.ids import new_id
from kit.mongo import connect
from services.gateway.presence.replicated_list import ReplicatedList
from services.presence.app.presence import Presence
from services.presence.app.sweeper import Sweeper
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Connected, Disconnected, Event, Navigated, Origin
from services.presence.events import DeltaTeller
from services.presence.metrics import Metrics
from services.presence.proto_mapping import row_message
from services.presence.store.store import Store
from tests.integration.presence.watcher import apply, take

START = 1_767_225_600_000


class Report(NamedTuple):
    """One event of one visitor, told by a gateway to one of the processes."""

    instance: int
    gateway: str
    visitor: str
    kind: str
    tab: int


class Turn(NamedTuple):
    """Reports at once, a snapshot in their midst or not, time that goes by, and how the deltas are shuffled."""

    reports: list[Report]
    asks: bool
    pause: int
    seed: int


class Instance(NamedTuple):
    """One process's parts, and what it told."""

    presence: Presence
    sweeper: Sweeper
    teller: DeltaTeller
    told: list[live_pb2.VisitorsDelta]


class World:
    """Two processes on one database, a clock, and one who watches a site of this course's own."""

    def __init__(self, store: Store, site: str) -> None:
        self.now = START
        self.site = site
        self.store = store
        self.instances = [self._instance() for _ in range(2)]
        self.roster: ReplicatedList[pb.VisitorRow] = ReplicatedList()

    def _instance(self) -> Instance:
        told: list[live_pb2.VisitorsDelta] = []

        async def publish(body: bytes, routing_key: str) -> None:
            if routing_key != "agents":
                delta = live_pb2.VisitorsDelta.FromString(body)
                told.extend([delta] * (delta.site == self.site))

        metrics, log = Metrics(CollectorRegistry()), structlog.stdlib.get_logger("test")
        teller = DeltaTeller(new_id(), publish, metrics=metrics, log=log)
        presence = Presence(self.store, teller, now=self.clock, metrics=metrics)
        sweeper = Sweeper(self.store, teller, now=self.clock, metrics=metrics, log=log)
        return Instance(presence, sweeper, teller, told)

    def clock(self) -> int:
        return self.now

    async def report(self, report: Report) -> None:
        presence = self.instances[report.instance].presence
        lease = await presence.lease(f"{report.gateway}-{self.site}")
        page = Page(self.now, f"https://shop.example/{report.tab}")
        connection = f"{report.gateway}-{report.tab}"
        events: dict[str, Event] = {
            "open": Connected(connection, lease.lease, self.now, page, Origin()),
            "turn": Navigated(connection, self.now, page),
            "close": Disconnected(connection),
        }
        await presence.report(self.site, {report.visitor: [events[report.kind]]}, {})

    async def snapshot(self, instance: int) -> pb.ListOnlineResponse:
        found = await self.instances[instance].presence.online(self.site)
        rows = [row_message(visitor) for visitor in found.visitors]
        return pb.ListOnlineResponse(
            rows=[row for row in rows if row is not None],
            gone=[pb.VisitorGone(visitor=visitor, rev=rev) for visitor, rev in found.gone],
            as_of_rev=found.as_of_rev,
        )

    async def untold(self) -> list[live_pb2.VisitorsDelta]:
        """Every delta since the last time."""
        for instance in self.instances:
            await instance.teller.flush()
        told = [delta for instance in self.instances for delta in instance.told]
        for instance in self.instances:
            instance.told.clear()
        return told


REPORTS = st.builds(
    Report,
    instance=st.integers(0, 1),
    gateway=st.sampled_from(("g1", "g2")),
    visitor=st.sampled_from(("v1", "v2", "v3")),
    kind=st.sampled_from(("open", "open", "turn", "close")),
    tab=st.integers(0, 2),
)
TURNS = st.builds(
    Turn,
    reports=st.lists(REPORTS, min_size=1, max_size=6),
    asks=st.booleans(),
    pause=st.sampled_from((0, 3_000, 11_000)),
    seed=st.integers(0, 2**32),
)


@given(turns=st.lists(TURNS, min_size=1, max_size=8))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_watcher_ends_equal_to_the_list(mongodb_url: str, database_prefix: str, turns: list[Turn]) -> None:
    asyncio.run(_course(mongodb_url, f"{database_prefix}_presence", turns))


async def _course(mongodb_url: str, database: str, turns: list[Turn]) -> None:
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = Store(client[database])
    await store.prepare()
    world = World(store, new_id())
    try:
        for turn in turns:
            await _turn(world, turn)
        for delta in await world.untold():
            apply(world.roster, delta)
        answer = await world.snapshot(0)
        assert world.roster.rows == {row.visitor: row for row in answer.rows}
    finally:
        client.close()


async def _turn(world: World, turn: Turn) -> None:
    """The snapshot is read in the midst of the reports and arrives somewhere among their deltas."""
    shuffling = random.Random(turn.seed)  # noqa: S311 - an order, no secret
    snapshots = asyncio.gather(*(world.snapshot(1) for _ in range(turn.asks)))
    await asyncio.gather(*(world.report(report) for report in turn.reports))
    answers = await snapshots
    world.now += turn.pause
    await asyncio.gather(*(instance.sweeper.sweep() for instance in world.instances))
    deltas = await world.untold()
    deltas += deltas[: shuffling.randrange(len(deltas) + 1)]  # some come twice
    messages: list[live_pb2.VisitorsDelta | pb.ListOnlineResponse] = [*deltas, *answers]
    shuffling.shuffle(messages)
    for message in messages:
        if isinstance(message, pb.ListOnlineResponse):
            take(world.roster, message)
        else:
            apply(world.roster, message)
