"""A3 on the bus: whatever a message holds, every service refuses it once or takes it, keeps its connections, and serves people."""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple

import aio_pika
import httpx
import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st
from palique.chat.v1 import live_pb2 as chat_live
from palique.gateway.v1 import live_pb2 as gateway_live
from palique.presence.v1 import live_pb2 as presence_live

from kit.bus.exchanges import EVENTS, LIVE, PRESENCE, Exchange
from tests.support.eventually import eventually
from tests.support.json_faults import joined_faults
from tests.support.people import Agent, Visitor, talk
from tests.support.responses import ok_json
from tests.support.running import Running
from tests.system.fuzzing import A_RUN, MARK, SERVICES, nothing_breaks, still_answers
from tests.system.message_grammar import bent, filled

SITE = "demo"
FACTS = ("chat.opened", "chat.assigned", "chat.transferred", "chat.closed")
QUEUES = ("presence.events", "tickets.events")


class Place(NamedTuple):
    """Where services read, and the message that belongs there."""

    exchange: Exchange
    key: str
    kind: type[Message]


PLACES = (
    *(Place(EVENTS, key, chat_live.Fact) for key in FACTS),
    Place(LIVE, "", chat_live.LiveBatch),
    Place(PRESENCE, "typing", gateway_live.Typing),
    Place(PRESENCE, "revoked", gateway_live.Revoked),
    Place(PRESENCE, "site", gateway_live.SiteChanged),
    Place(PRESENCE, "agents", presence_live.AvailabilityDelta),
    Place(PRESENCE, f"visitors.{SITE}", presence_live.VisitorsDelta),
)
# Beside the grammar, what is no message of the contract at all.
OTHERS: dict[str, bytes] = {
    "JSON": b'{"kind":"closed","conversation":{"site":"demo"}}',
    "an unfinished message": b"\x0a\x7fclosed",
    "a text that is no UTF-8": b"\x0a\x02\xff\xfe",
    "deep nesting": b"\x0b" * 5000 + b"\x0c" * 5000,
    "a NUL": b"\0",
    "a megabyte": b"\xff" * 2**20,
}
IDS = ("0190f7c1a0b07c3d8e4f5a6b7c8d9e0f", "a\0b", "$where", "x" * 300)


@st.composite
def messages(draw: st.DrawFn) -> tuple[Place, bytes]:
    """Mostly a message of the place, with fitting and other values; its bytes may be changed."""
    place = draw(st.sampled_from(PLACES))
    if draw(st.integers(0, 9)) == 0:
        return place, draw(
            st.one_of(st.binary(max_size=80), joined_faults(("closed", "entry")), st.sampled_from([*OTHERS.values()]))
        )
    words = {
        "site": (SITE, SITE, SITE, "a\0b"),
        "kind": ("message", "note", "closed"),
        "who_kind": ("visitor", "agent", "robot"),
        "status": ("open", "active", "waiting", "closed", "online", "nope"),
        "frame": (b'{"type":"entry"}', b"\xff", b'"' + b"[" * 5000, MARK.encode()),
        **dict.fromkeys(("visitor", "conversation", "assignee", "agent", "session", "id"), IDS),
    }
    return place, bent(draw, filled(draw, words, place.kind(), 4).SerializeToString())


@pytest.fixture
async def channel(running: Running) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    connection = await aio_pika.connect(running.amqp_url)
    try:
        yield await connection.channel()
    finally:
        await connection.close()


async def put(channel: aio_pika.abc.AbstractChannel, place: Place, body: bytes) -> None:
    exchange = await channel.get_exchange(place.exchange.name, ensure=False)
    await exchange.publish(aio_pika.Message(body), place.key, mandatory=False)


async def waiting(channel: aio_pika.abc.AbstractChannel, suffix: str) -> list[int]:
    """Messages in the queues of facts with this suffix."""
    found = [await channel.declare_queue(queue + suffix, passive=True) for queue in QUEUES]
    return [queue.declaration_result.message_count or 0 for queue in found]


def refused(running: Running) -> float:
    """Invalid messages that all services have counted."""
    total = 0.0
    for service in SERVICES:
        for replica in range(len(running.described()["services"][service])):
            text = httpx.get(running.ops(service, replica) + "/metrics", verify=False).text
            total += sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if _counts(line))
    return total


def _counts(line: str) -> bool:
    return line.startswith(("palique_live_messages_invalid_total", 'palique_facts_taken_total{outcome="invalid"'))


def connections_lost(running: Running) -> list[str]:
    logs = (running.home / "logs").glob("*.log")
    return [path.name for path in logs for line in path.read_text().splitlines() if "broker connection lost" in line]


@pytest.mark.parametrize("body", OTHERS.values(), ids=OTHERS.keys())
async def test_a_message_of_no_contract_is_counted_once_and_parked(
    running: Running, channel: aio_pika.abc.AbstractChannel, body: bytes
) -> None:
    """Both services of facts refuse it; each gateway refuses each live message."""
    facts, batch, typing = (place for place in PLACES if place.key in ("chat.closed", "", "typing"))
    before, parked = refused(running), await waiting(channel, ".dead")
    with nothing_breaks(running, list):
        for place in (facts, batch, typing):
            await put(channel, place, body)

        async def is_parked() -> bool:
            return await waiting(channel, ".dead") == [count + 1 for count in parked]

        await eventually(is_parked)
        await eventually(lambda: refused(running) == before + 2 + 2 * 2)
        assert await waiting(channel, ".retry") == [0, 0]


@pytest.fixture
def drawn() -> Sequence[tuple[Place, bytes]]:
    """Messages to send. Drawn before the first socket is open, because it blocks the event loop, so that no ping is answered."""
    drawn: list[tuple[Place, bytes]] = []

    @A_RUN
    @given(st.lists(messages(), min_size=10, max_size=30))
    def draw(found: Sequence[tuple[Place, bytes]]) -> None:
        drawn.extend(found)

    draw()
    return drawn


async def test_any_message_leaves_the_services_at_work(
    running: Running,
    drawn: Sequence[tuple[Place, bytes]],
    channel: aio_pika.abc.AbstractChannel,
    visitor: Visitor,
    agent: Agent,
) -> None:
    await agent.client.say(type="watch_visitors", sort="since", descending=True, filter={}, offset=0, limit=50)
    lost, before = connections_lost(running), refused(running)
    with nothing_breaks(running, list):
        for place, body in drawn:
            await put(channel, place, body)
        await eventually(lambda: refused(running) > before + len(drawn) / 10)

        async def is_handled() -> bool:
            return await waiting(channel, "") == await waiting(channel, ".retry") == [0, 0]

        await eventually(is_handled)
        conversation = await talk(visitor, agent)
        found = await agent.browser.http.get(f"/api/v1/visitors/{visitor.browser.visitor}")
        assert ok_json(found)["chats"] == 1
        assert [entry["kind"] for entry in visitor.client.log(conversation).entries][-1] == "closed"
        still_answers(running)
    assert connections_lost(running) == lost
