"""Hints may be lost: without some of them, or without the broker, every reader still gets every entry."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from palique.chat.v1.chat_pb2 import CloseRequest, Person, StartRequest

from services.gateway.fanout.gap_detector import SILENCE_MS
from services.gateway.foundation import Tuning
from tests.integration.gateway.sockets.running import Stack, running_stack
from tests.integration.gateway.sockets.running_gateway import SITE
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow
QUICK = Tuning(catch_up_poll_s=0.2)


@pytest.fixture
async def link(vhost_url: str) -> AsyncIterator[Proxy]:
    """The network between the gateways and the broker; chat connects directly."""
    async with Proxy.before(vhost_url) as proxy:
        yield proxy


@pytest.fixture
async def cuttable(
    link: Proxy, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[Stack]:
    """One process of each service."""
    through = link.through(vhost_url)
    async with running_stack(
        mongodb_url, vhost_url, database_prefix, tmp_path, gateway_amqp_url=through, tuning=QUICK
    ) as found:
        yield found


@asynccontextmanager
async def cut(link: Proxy, demo: Stack) -> AsyncIterator[None]:
    """Disconnects the gateway from the broker; connects it again at the end."""
    link.black_hole()
    link.reset()
    gateway = demo.gateway.process

    async def gone() -> bool:
        return not await gateway.bus_is_connected()

    await eventually(gone)
    try:
        yield
    finally:
        link.heal()
        await eventually(gateway.bus_is_connected, 30)


def _has_head(head: int, frame: JsonObject) -> bool:
    return bool(frame["head"] == head)


async def test_without_the_broker_readers_get_stale_within_seconds(cuttable: Stack, link: Proxy) -> None:
    token, _ = await cuttable.gateway.new_visitor()
    cookie = await cuttable.sign_in("Ana")
    async with cuttable.gateway.visitor(token) as vera, cuttable.gateway.agent(cookie) as ana:
        conversation = (await vera.send("Before"))["conversation"]
        await ana.send_frame("accept", ref="1", conversation=conversation)
        await ana.next("reply")
        await vera.entry(kind="assigned")
        async with cut(link, cuttable):
            ack = await vera.send("Meanwhile", conversation)
            stale = await ana.next("stale")
            assert (stale["conversation"], stale["head"]) == (conversation, ack["seq"])
            # Sent once: the client knows the head.
            await ana.send_frame("fetch", ref="f", conversation=conversation, epoch=1, after=0, limit=100)
            assert (await ana.next("entries"))["head"] == ack["seq"]
            runs = cuttable.gateway.sample("palique_syncs_total", reason="no_hints")
            await eventually(lambda: cuttable.gateway.sample("palique_syncs_total", reason="no_hints") >= runs + 2)
            assert len(ana.all("stale")) == 1
        await vera.send("After", conversation)
        await ana.entry(text="After")


async def test_a_broker_that_is_connected_but_delivers_nothing_is_noticed(cuttable: Stack, link: Proxy) -> None:
    """As with a full disk or a stopped process. The silence is noticed repeatedly, not once."""
    token, _ = await cuttable.gateway.new_visitor()
    cookie = await cuttable.sign_in("Ana")
    async with cuttable.gateway.visitor(token) as vera, cuttable.gateway.agent(cookie) as ana:
        conversation = (await vera.send("Before"))["conversation"]
        await ana.send_frame("accept", ref="1", conversation=conversation)
        await ana.next("reply")
        await vera.entry(kind="assigned")
        link.black_hole()
        for text in ("One", "Two", "Three"):
            ack = await vera.send(text, conversation)
            cuttable.gateway_clock.ahead_ms += SILENCE_MS
            await ana.next("stale", partial(_has_head, ack["seq"]))
        assert await cuttable.gateway.process.bus_is_connected()


async def test_a_conversation_that_begins_during_an_outage_reaches_its_participants(
    cuttable: Stack, link: Proxy
) -> None:
    """Another process starts it while hints are lost: visitor and agent get it from its first entry."""
    token, visitor = await cuttable.gateway.new_visitor()
    cookie = await cuttable.sign_in("Ana")
    ana_person = Person(kind="agent", id=cuttable.agents["Ana"].id, name="Ana")
    chat = cuttable.gateway.process.chat
    async with cuttable.gateway.visitor(token) as vera, cuttable.gateway.agent(cookie) as ana:
        await ana.next("queue")
        async with cut(link, cuttable):
            request = StartRequest(site=SITE, visitor=Person(kind="visitor", id=visitor, name="V"), by=ana_person)
            conversation = (await chat.call(lambda stub: stub.Start, request)).conversation.conversation
            for person in (vera, ana):
                assert (await person.entry(conversation=conversation))["seq"] == 1
            state = await ana.next("conversation")
            assert (state["conversation"], state["status"]) == (conversation, "active")
            close = CloseRequest(site=SITE, conversation=conversation, by=ana_person)
            await chat.call(lambda stub: stub.Close, close)
            await ana.next("conversation", lambda frame: frame["status"] == "closed")
            assert (await vera.next("stale"))["head"] == 3


async def test_the_queue_is_right_after_lost_hints(cuttable: Stack, link: Proxy) -> None:
    first, _ = await cuttable.gateway.new_visitor()
    second, _ = await cuttable.gateway.new_visitor()
    cookie = await cuttable.sign_in("Ana")
    async with (
        cuttable.gateway.visitor(first) as vera,
        cuttable.gateway.visitor(second) as otto,
        cuttable.gateway.agent(cookie) as ana,
    ):
        conversation = (await vera.send("Hello"))["conversation"]
        await ana.next("queue", lambda frame: frame["waiting"] == 1)
        async with cut(link, cuttable):
            await otto.send("Hello")
            await ana.next("queue", lambda frame: frame["waiting"] == 2)
            await ana.send_frame("accept", ref=uuid.uuid4().hex, conversation=conversation)
            await ana.next("queue", lambda frame: frame["waiting"] == 1)
            await otto.next("site", lambda frame: frame["queue_position"] == 1)
