"""What is told of changes: coalesced, numbered, and a gap in the numbers wherever something may be missing."""

import pytest
import structlog
from palique.presence.v1 import live_pb2
from prometheus_client import CollectorRegistry

from kit.bus.exchanges import BusDown
from services.presence.domain.agent import Agent
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Online, Visitor
from services.presence.events import ROWS_LIMIT, DeltaTeller
from services.presence.metrics import Metrics


class Broker:
    """Keeps what it is given, or is away."""

    def __init__(self) -> None:
        self.away = False
        self.visitors: list[live_pb2.VisitorsDelta] = []
        self.agents: list[live_pb2.AvailabilityDelta] = []

    async def publish(self, body: bytes, routing_key: str) -> None:
        if self.away:
            raise BusDown("away")
        if routing_key == "agents":
            self.agents.append(live_pb2.AvailabilityDelta.FromString(body))
        else:
            self.visitors.append(live_pb2.VisitorsDelta.FromString(body))
            assert routing_key == f"visitors.{self.visitors[-1].site}"


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def teller(broker: Broker) -> DeltaTeller:
    return DeltaTeller("p1", broker.publish, metrics=Metrics(CollectorRegistry()), log=structlog.stdlib.get_logger())


def visitor(name: str, rev: int, site: str = "acme", *, online: bool = True) -> Visitor:
    visit = Online(since=1, active_at=1, page=Page(1, "https://a.example/"), idle=False)
    return Visitor(site=site, visitor=name, rev=rev, first_seen=1, last_seen=1, online=visit if online else None)


async def test_one_delta_a_site_with_the_newest_of_each_visitor(teller: DeltaTeller, broker: Broker) -> None:
    teller.say_visitors([visitor("v1", 5), visitor("v2", 6), visitor("w1", 7, "other")])
    teller.say_visitors([visitor("v2", 9, online=False), visitor("v1", 4)])
    await teller.flush()
    told = {delta.site: delta for delta in broker.visitors}
    assert sorted(told) == ["acme", "other"]
    assert [(row.visitor, row.rev) for row in told["acme"].upserts] == [("v1", 5)]
    assert [(gone.visitor, gone.rev) for gone in told["acme"].gone] == [("v2", 9)]
    assert [(delta.publisher, delta.number) for delta in broker.visitors] == [("p1", 1), ("p1", 1)]


async def test_visitors_and_agents_are_numbered_apart_and_without_holes(teller: DeltaTeller, broker: Broker) -> None:
    for rev in range(1, 4):
        teller.say_visitors([visitor("v1", rev)])
        await teller.flush()
    teller.say_agents([Agent(site="acme", agent="a1", rev=1, name="Ana", connected=True)])
    await teller.flush()
    assert [delta.number for delta in broker.visitors] == [1, 2, 3]
    assert [delta.number for delta in broker.agents] == [1]
    assert broker.agents[0].agents[0].connected


async def test_what_the_broker_did_not_take_shows_as_a_gap(teller: DeltaTeller, broker: Broker) -> None:
    teller.say_visitors([visitor("v1", 1)])
    await teller.flush()
    broker.away = True
    teller.say_visitors([visitor("v1", 2)])
    with pytest.raises(BusDown):
        await teller.flush()
    broker.away = False
    await teller.flush()
    assert broker.visitors[0].number == 1
    assert broker.visitors[-1].number > 2
    assert not broker.visitors[-1].upserts


async def test_a_change_that_may_be_untold_shows_as_a_gap_at_once(teller: DeltaTeller, broker: Broker) -> None:
    teller.say_visitors([visitor("v1", 1)])
    await teller.flush()
    teller.say_gap("acme")
    await teller.flush()
    assert [(delta.number, len(delta.upserts)) for delta in broker.visitors] == [(1, 1), (3, 0)]
    assert [delta.number for delta in broker.agents] == [2]


async def test_a_great_many_rows_go_in_several_deltas(teller: DeltaTeller, broker: Broker) -> None:
    teller.say_visitors(visitor(f"v{number}", 1) for number in range(2 * ROWS_LIMIT + 1))
    await teller.flush()
    assert [len(delta.upserts) for delta in broker.visitors] == [ROWS_LIMIT, ROWS_LIMIT, 1]
    assert [delta.number for delta in broker.visitors] == [1, 2, 3]
