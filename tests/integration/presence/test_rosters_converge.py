"""Snapshot and deltas converge to the list for every interleaving. Two processes use one database; the test delivers the deltas."""

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
from services.presence.events import DeltaPublisher
from services.presence.metrics import Metrics
from services.presence.proto_mapping import row_pb
from services.presence.store.store import PresenceStore
from tests.integration.presence.watcher import apply, take

START = 1_767_225_600_000


class Report(NamedTuple):
    """One event of one visitor, reported by a gateway to one of the processes."""

    instance: int
    gateway: str
    visitor: str
    kind: str
    tab: int


class Round(NamedTuple):
    """Concurrent reports, perhaps with a snapshot, then a pause. `seed` decides the order of the deltas."""

    reports: list[Report]
    reads_snapshot: bool
    pause: int
    seed: int


class Instance(NamedTuple):
    """One process's parts, and the deltas that it published."""

    presence: Presence
    sweeper: Sweeper
    deltas: DeltaPublisher
    published: list[live_pb2.VisitorsDelta]


class World:
    """Two processes on one database, a clock, and the replica of one site."""

    def __init__(self, store: PresenceStore, site: str) -> None:
        self.now = START
        self.site = site
        self.store = store
        self.instances = [self._instance() for _ in range(2)]
        self.roster: ReplicatedList[pb.VisitorRow] = ReplicatedList()

    def _instance(self) -> Instance:
        published: list[live_pb2.VisitorsDelta] = []

        async def publish(body: bytes, routing_key: str) -> None:
            if routing_key != "agents":
                delta = live_pb2.VisitorsDelta.FromString(body)
                published.extend([delta] * (delta.site == self.site))

        metrics, log = Metrics(CollectorRegistry()), structlog.stdlib.get_logger("test")
        deltas = DeltaPublisher(new_id(), publish, metrics=metrics, log=log)
        presence = Presence(self.store, deltas, now=self.clock, metrics=metrics)
        sweeper = Sweeper(self.store, deltas, now=self.clock, metrics=metrics, log=log)
        return Instance(presence, sweeper, deltas, published)

    def clock(self) -> int:
        return self.now

    async def report(self, report: Report) -> None:
        presence = self.instances[report.instance].presence
        lease = await presence.renew_lease(f"{report.gateway}-{self.site}")
        page = Page(self.now, f"https://shop.example/{report.tab}")
        connection = f"{report.gateway}-{report.tab}"
        events: dict[str, Event] = {
            "open": Connected(connection, lease.id, self.now, page, Origin(), self.now),
            "navigate": Navigated(connection, self.now, page, self.now),
            "close": Disconnected(connection),
        }
        await presence.report(self.site, {report.visitor: [events[report.kind]]}, {})

    async def snapshot(self, instance: int) -> pb.ListOnlineResponse:
        found = await self.instances[instance].presence.list_online(self.site)
        rows = [row_pb(visitor) for visitor in found.visitors]
        return pb.ListOnlineResponse(
            rows=[row for row in rows if row is not None],
            gone=[pb.VisitorGone(visitor=visitor, rev=rev) for visitor, rev in found.gone],
            as_of_rev=found.as_of_rev,
        )

    async def new_deltas(self) -> list[live_pb2.VisitorsDelta]:
        """Every delta since the last call."""
        for instance in self.instances:
            await instance.deltas.flush()
        deltas = [delta for instance in self.instances for delta in instance.published]
        for instance in self.instances:
            instance.published.clear()
        return deltas


REPORTS = st.builds(
    Report,
    instance=st.integers(0, 1),
    gateway=st.sampled_from(("g1", "g2")),
    visitor=st.sampled_from(("v1", "v2", "v3")),
    kind=st.sampled_from(("open", "open", "navigate", "close")),
    tab=st.integers(0, 2),
)
ROUNDS = st.builds(
    Round,
    reports=st.lists(REPORTS, min_size=1, max_size=6),
    reads_snapshot=st.booleans(),
    pause=st.sampled_from((0, 3_000, 11_000)),
    seed=st.integers(0, 2**32),
)


@given(rounds=st.lists(ROUNDS, min_size=1, max_size=8))
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_watcher_ends_equal_to_the_list(mongodb_url: str, database_prefix: str, rounds: list[Round]) -> None:
    asyncio.run(_run(mongodb_url, f"{database_prefix}_presence", rounds))


async def _run(mongodb_url: str, database: str, rounds: list[Round]) -> None:
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    store = PresenceStore(client[database])
    await store.ensure_indexes()
    world = World(store, new_id())
    try:
        for round_ in rounds:
            await _play(world, round_)
        for delta in await world.new_deltas():
            apply(world.roster, delta)
        answer = await world.snapshot(0)
        assert world.roster.rows == {row.visitor: row for row in answer.rows}
    finally:
        client.close()


async def _play(world: World, round_: Round) -> None:
    """The snapshot is read during the reports and delivered somewhere among their deltas."""
    shuffling = random.Random(round_.seed)  # noqa: S311 - an order, no secret
    snapshots = asyncio.gather(*(world.snapshot(1) for _ in range(round_.reads_snapshot)))
    await asyncio.gather(*(world.report(report) for report in round_.reports))
    answers = await snapshots
    world.now += round_.pause
    await asyncio.gather(*(instance.sweeper.sweep() for instance in world.instances))
    deltas = await world.new_deltas()
    deltas += deltas[: shuffling.randrange(len(deltas) + 1)]  # some are delivered twice
    messages: list[live_pb2.VisitorsDelta | pb.ListOnlineResponse] = [*deltas, *answers]
    shuffling.shuffle(messages)
    for message in messages:
        if isinstance(message, pb.ListOnlineResponse):
            take(world.roster, message)
        else:
            apply(world.roster, message)
