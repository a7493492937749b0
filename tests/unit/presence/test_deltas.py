"""Deltas of visitors and agents: coalesced, numbered, with a gap in the numbers where a change may be missing."""

import msgspec
import pytest
import structlog
from palique.presence.v1 import live_pb2
from prometheus_client import CollectorRegistry

from kit.bus.exchanges import BusDown
from services.presence.domain.agent import Agent
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Online, Visitor
from services.presence.events import DELTA_BATCH, DeltaPublisher
from services.presence.metrics import Metrics


class Broker:
    """Records the deltas, or raises BusDown while `unreachable`."""

    def __init__(self) -> None:
        self.unreachable = False
        self.visitors: list[live_pb2.VisitorsDelta] = []
        self.agents: list[live_pb2.AvailabilityDelta] = []

    async def publish(self, body: bytes, routing_key: str) -> None:
        if self.unreachable:
            raise BusDown("unreachable")
        if routing_key == "agents":
            self.agents.append(live_pb2.AvailabilityDelta.FromString(body))
        else:
            self.visitors.append(live_pb2.VisitorsDelta.FromString(body))
            assert routing_key == f"visitors.{self.visitors[-1].site}"


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def deltas(broker: Broker) -> DeltaPublisher:
    return DeltaPublisher("p1", broker.publish, metrics=Metrics(CollectorRegistry()), log=structlog.stdlib.get_logger())


def visitor(name: str, rev: int, site: str = "acme", *, online: bool = True) -> Visitor:
    visit = Online(since=1, active_at=1, page=Page(1, "https://a.example/"), idle=False)
    return Visitor(site=site, id=name, rev=rev, first_seen=1, last_seen=1, online=visit if online else None)


async def test_one_delta_a_site_has_the_newest_state_of_each_visitor(deltas: DeltaPublisher, broker: Broker) -> None:
    deltas.visitors_changed([visitor("v1", 5), visitor("v2", 6), visitor("w1", 7, "other")])
    deltas.visitors_changed([visitor("v2", 9, online=False), visitor("v1", 4)])
    await deltas.flush()
    published = {delta.site: delta for delta in broker.visitors}
    assert sorted(published) == ["acme", "other"]
    assert [(row.visitor, row.rev) for row in published["acme"].upserts] == [("v1", 5)]
    assert [(gone.visitor, gone.rev) for gone in published["acme"].gone] == [("v2", 9)]
    assert [(delta.publisher, delta.number) for delta in broker.visitors] == [("p1", 1), ("p1", 1)]


async def test_a_visitor_that_is_not_online_is_published_with_its_name(deltas: DeltaPublisher, broker: Broker) -> None:
    """Agents have chats with visitors that left: their new names reach the dashboards too."""
    named = msgspec.structs.replace(visitor("v1", 5, online=False), name="Berta")
    deltas.visitors_changed([named, visitor("v2", 6, online=False)])
    await deltas.flush()
    assert [gone.name for gone in broker.visitors[0].gone] == ["Berta", visitor("v2", 6).placeholder]


async def test_visitors_and_agents_have_separate_numbers_without_gaps(deltas: DeltaPublisher, broker: Broker) -> None:
    for rev in range(1, 4):
        deltas.visitors_changed([visitor("v1", rev)])
        await deltas.flush()
    deltas.agents_changed([Agent(site="acme", id="a1", rev=1, name="Ana", connected=True)])
    await deltas.flush()
    assert [delta.number for delta in broker.visitors] == [1, 2, 3]
    assert [delta.number for delta in broker.agents] == [1]
    assert broker.agents[0].agents[0].connected


async def test_a_delta_that_the_broker_refuses_leaves_a_gap(deltas: DeltaPublisher, broker: Broker) -> None:
    deltas.visitors_changed([visitor("v1", 1)])
    await deltas.flush()
    broker.unreachable = True
    deltas.visitors_changed([visitor("v1", 2)])
    with pytest.raises(BusDown):
        await deltas.flush()
    broker.unreachable = False
    await deltas.flush()
    assert broker.visitors[0].number == 1
    assert broker.visitors[-1].number > 2
    assert not broker.visitors[-1].upserts


async def test_a_marked_gap_is_published_at_once(deltas: DeltaPublisher, broker: Broker) -> None:
    deltas.visitors_changed([visitor("v1", 1)])
    await deltas.flush()
    deltas.mark_gap("acme")
    await deltas.flush()
    assert [(delta.number, len(delta.upserts)) for delta in broker.visitors] == [(1, 1), (3, 0)]
    assert [delta.number for delta in broker.agents] == [2]


async def test_many_rows_are_split_into_several_deltas(deltas: DeltaPublisher, broker: Broker) -> None:
    deltas.visitors_changed(visitor(f"v{number}", 1) for number in range(2 * DELTA_BATCH + 1))
    await deltas.flush()
    assert [len(delta.upserts) for delta in broker.visitors] == [DELTA_BATCH, DELTA_BATCH, 1]
    assert [delta.number for delta in broker.visitors] == [1, 2, 3]
