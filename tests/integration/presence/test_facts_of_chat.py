"""Facts of chat over the real bus change the state of visitors (requirement S-22)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import structlog
from palique.chat.v1 import chat_pb2
from palique.chat.v1 import live_pb2 as chat_live_pb2
from palique.presence.v1 import presence_pb2 as pb
from prometheus_client import CollectorRegistry

from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import EVENTS
from kit.bus.publisher import Publisher
from kit.ids import now_ms
from services.presence.settings import Settings
from tests.integration.presence.service import Service, connected
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def presence_vhost(vhost_url: str) -> str:
    """A virtual host of this module: an unacknowledged fact would be delivered to the next test's process."""
    return vhost_url


@pytest.fixture
async def chat(presence_settings: Settings) -> AsyncIterator[Publisher]:
    """Publishes facts as the chat service does."""
    publisher = Publisher(EVENTS, confirms=True)
    log = structlog.stdlib.get_logger("test")
    bus = BrokerConnection(
        presence_settings.amqp_url, "chat", [publisher], log=log, connections=connections_gauge(CollectorRegistry())
    )
    running = asyncio.create_task(bus.run())
    await eventually(lambda: bus.connected)
    yield publisher
    running.cancel()
    await asyncio.wait((running,))


def fact(kind: str, conversation: str, seq: int, status: str, chats: int, visitor: str = "v1") -> bytes:
    state = chat_pb2.Conversation(
        site="acme",
        conversation=conversation,
        head=seq,
        status=status,
        visitor=chat_pb2.Person(kind="visitor", id=visitor),
    )
    fact = chat_live_pb2.Fact(kind=kind, seq=seq, at_ms=now_ms(), conversation=state, visitor_chats=chats)
    return fact.SerializeToString()


async def row_is(presence: Service, state: str, chats: int) -> bool:
    row = (await presence.online()).get("v1", pb.VisitorRow())
    return (row.state, row.chats) == (state, chats)


async def test_a_row_follows_the_visitors_conversation(presence: Service, chat: Publisher) -> None:
    """Requirements S-22, S-38, S-39: the row shows waiting, chatting, then browsing."""
    await presence.report(connected("v1", "c1"))
    await chat.publish(fact("opened", "k1", 1, "waiting", 1), "chat.opened")
    await eventually(lambda: row_is(presence, "waiting", 1))
    await chat.publish(fact("assigned", "k1", 2, "active", 1), "chat.assigned")
    await eventually(lambda: row_is(presence, "chatting", 1))
    await chat.publish(fact("requeued", "k1", 3, "waiting", 1), "chat.requeued")
    await eventually(lambda: row_is(presence, "waiting", 1))
    await chat.publish(fact("closed", "k1", 9, "closed", 1), "chat.closed")
    await eventually(lambda: row_is(presence, "browsing", 1))


async def test_duplicate_and_late_facts_change_nothing(presence: Service, chat: Publisher) -> None:
    await presence.report(connected("v1", "c1"))
    await chat.publish(fact("assigned", "k2", 2, "active", 2), "chat.assigned")
    await eventually(lambda: row_is(presence, "chatting", 2))
    rev = (await presence.online())["v1"].rev
    await chat.publish(fact("closed", "k1", 9, "closed", 1), "chat.closed")
    await chat.publish(fact("opened", "k2", 1, "waiting", 2), "chat.opened")
    await chat.publish(fact("assigned", "k2", 2, "active", 2), "chat.assigned")
    await eventually(lambda: presence.metric("palique_facts_taken_total", outcome="done") == 4)
    row = (await presence.online())["v1"]
    assert (row.state, row.chats, row.rev) == ("chatting", 2, rev)


async def test_a_fact_of_an_unknown_visitor_is_kept_for_the_first_visit(presence: Service, chat: Publisher) -> None:
    await chat.publish(fact("opened", "k1", 1, "waiting", 1), "chat.opened")
    await eventually(lambda: presence.metric("palique_facts_taken_total", outcome="done") == 1)
    assert await presence.online() == {}
    found = await presence.visitor("v1")
    assert (found.chats, found.visits, found.online) == (1, 0, False)
    await presence.report(connected("v1", "c1"))
    assert await row_is(presence, "waiting", 1)


async def test_an_invalid_fact_is_refused_once_and_delays_no_other(presence: Service, chat: Publisher) -> None:
    await presence.report(connected("v1", "c1"))
    await chat.publish(b"\xff\xff\xff", "chat.opened")
    await chat.publish(fact("opened", "k1", 1, "waiting", 1, visitor="$where"), "chat.opened")
    await chat.publish(fact("opened", "k1", 1, "snoozed", 1), "chat.opened")
    await chat.publish(fact("opened", "k1", 1, "waiting", 1), "chat.opened")
    await eventually(lambda: row_is(presence, "waiting", 1))
    await eventually(lambda: presence.metric("palique_facts_taken_total", outcome="invalid") == 3)
    assert presence.metric("palique_facts_taken_total", outcome="again") == 0
