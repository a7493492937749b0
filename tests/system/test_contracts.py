"""What other programs build on: frames and facts of the running stack are those of docs/asyncapi.yaml, and the examples work with it."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import aio_pika
import pytest
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity
from palique.chat.v1 import chat_pb2, live_pb2

from devstack.folders import ROOT
from kit.facts import EXCHANGE, FACTS
from tests.support import contracts_wheel
from tests.support.contract_schemas import faults, message_of
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.log_copy import Frame
from tests.support.people import Agent, Visitor, visitor_at
from tests.support.responses import ok_json
from tests.support.running import Running
from tests.system.second_site import EMAIL, PASSWORD, SITE, make_second_site
from tools.fact_schemas import as_json

COMMENTS_QUEUE, COMMENTS_DEAD = "ticket-comments.events", "ticket-comments.dead"
RUBBISH = b"rubbish"
STOP_S = 20


@pytest.fixture(scope="module")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed wheel `palique-contracts`."""
    return contracts_wheel.unpacked(tmp_path_factory.mktemp("contracts"))


@pytest.fixture
async def broker(running: Running) -> AsyncIterator[AbstractConnection]:
    async with await aio_pika.connect(running.amqp_url) as connection:
        yield connection


@contextmanager
def example(name: str, contracts: Path, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program of examples/ with the wheel, until the block ends. Shows what it printed when it ended before."""
    output = contracts.parent / f"{name}.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, ROOT / f"examples/{name}.py"],
            env={"PYTHONPATH": str(contracts), **settings},
            cwd=contracts.parent,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
        finally:
            ended = process.poll()
            process.terminate()
            process.wait(STOP_S)
            assert ended is None, output.read_text()


async def chat_with_ticket(visitor: Visitor, agent: Agent) -> tuple[str, str]:
    """A chat of two messages with a ticket, closed by the agent; conversation and ticket."""
    conversation = str((await visitor.client.send("Where is my parcel?", None))["conversation"])
    await agent.client.hear_type("conversation", conversation=conversation)
    assert (await agent.client.ask("accept", conversation=conversation))["ok"]
    await agent.client.send("On its way.", conversation)
    made = ok_json(await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={}))
    change = {"version": made["version"], "priority": "high"}
    ok_json(await agent.browser.http.patch(f"/api/v1/tickets/{made['id']}", json=change))
    assert (await agent.client.ask("close", conversation=conversation))["ok"]
    return conversation, str(made["id"])


async def test_the_frames_of_a_talk_fit_their_schemas(visitor: Visitor, agent: Agent) -> None:
    await agent.client.say(type="watch_visitors", limit=10)
    await agent.client.hear_type("visitors")
    conversation, _ = await chat_with_ticket(visitor, agent)
    assert (await agent.client.ask("fetch", conversation="none", after=0))["type"] == "error"
    await visitor.client.hear_type("entry", conversation=conversation, kind="closed")
    position = len(agent.client.frames)
    waiting = (await visitor.client.send("And the invoice?", None))["conversation"]
    await agent.client.hear_type("queue", position)
    await visitor.client.hear_type("site")
    await visitor.client.say(type="end", conversation=waiting)
    heard: dict[str, list[Frame]] = {"visitor": visitor.client.frames, "agent": agent.client.frames}
    for socket, found in heard.items():
        for frame in list(found):
            assert faults(message_of(frame, socket=socket, action="send"), frame) == [], frame
    types = {frame["type"] for found in heard.values() for frame in found}
    assert {"welcome", "ack", "entry", "reply", "conversation", "queue", "visitors", "site", "error"} <= types


async def test_the_facts_of_a_talk_fit_their_schemas(
    broker: AbstractConnection, visitor: Visitor, agent: Agent
) -> None:
    channel = await broker.channel()
    queue = await channel.declare_queue(exclusive=True)
    for key in FACTS:
        await queue.bind(EXCHANGE, key)
    heard: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
    await queue.consume(heard.put, no_ack=True)
    conversation, ticket = await chat_with_ticket(visitor, agent)
    missing = {"chat.opened", "chat.assigned", "chat.closed", "ticket.opened", "ticket.changed"}
    async with asyncio.timeout(PATIENCE_S):
        while missing:
            message = await heard.get()
            key = message.routing_key or ""
            fact = as_json(FACTS[key].message.FromString(message.body))
            assert faults(key, fact) == [], fact
            assert message.delivery_mode == aio_pika.DeliveryMode.PERSISTENT
            if message.message_id == f"{conversation}.{fact.get('seq')}":
                assert fact["conversation"]["conversation"] == conversation
                missing.discard(key)
            elif message.message_id == f"{ticket}.{fact.get('ticket', {}).get('version')}":
                assert fact["ticket"]["ticket"] == ticket
                missing.discard(key)


async def test_the_example_service_comments_the_ticket_of_a_closed_chat_once(
    running: Running, broker: AbstractConnection, contracts: Path, visitor: Visitor, agent: Agent
) -> None:
    settings = {
        "AMQP_URL": running.amqp_url,
        "CHAT_ADDRESS": running.grpc("chat"),
        "TICKETS_ADDRESS": running.grpc("tickets"),
        "SITE": "demo",
        "TOKEN": running.integration_token,
    }
    channel = await broker.channel()
    try:
        with example("ticket_comments", contracts, **settings) as process:
            await eventually(
                lambda: _is_consumed(broker, process), sentence="the example consumes its queue", seconds=PATIENCE_S
            )
            conversation, ticket = await chat_with_ticket(visitor, agent)
            await eventually(lambda: _comments(agent, ticket), sentence="the ticket has a comment")
            # The same fact again, and then another one: once that has its comment, the first was handled twice.
            again = live_pb2.Fact(
                kind="closed", conversation=chat_pb2.Conversation(site="demo", conversation=conversation)
            )
            await channel.default_exchange.publish(aio_pika.Message(again.SerializeToString()), COMMENTS_QUEUE)
            # Facts that it cannot handle: one is none, one names no conversation.
            no_id = live_pb2.Fact(kind="closed", conversation=chat_pb2.Conversation(site="demo"))
            for body in (RUBBISH, no_id.SerializeToString()):
                await channel.default_exchange.publish(aio_pika.Message(body), COMMENTS_QUEUE)
            _, second = await chat_with_ticket(visitor, agent)
            await eventually(lambda: _comments(agent, second), sentence="the ticket of the second chat has a comment")
            (comment,) = await _comments(agent, ticket)
            dead = await channel.declare_queue(COMMENTS_DEAD, passive=True)
            async with asyncio.timeout(PATIENCE_S), dead.iterator(no_ack=True) as letters:
                assert {(await anext(letters)).body for _ in range(2)} == {RUBBISH, no_id.SerializeToString()}
            assert process.poll() is None
        assert comment["text"].startswith("Chat closed: 2 messages, first answer after ")
        assert comment["author"]["kind"] == "integration"
    finally:
        for queue in (COMMENTS_QUEUE, COMMENTS_DEAD):
            await channel.queue_delete(queue)
        await channel.exchange_delete(COMMENTS_DEAD)


async def test_the_example_bot_answers_each_message_once_over_a_restart(running: Running, contracts: Path) -> None:
    await make_second_site(running)
    settings = {"PALIQUE_URL": running.public(1), "EMAIL": EMAIL, "PASSWORD": PASSWORD}
    async with visitor_at(running, 0, SITE) as guest:
        with example("echo_bot", contracts, **settings):
            conversation = str((await guest.client.send("Hello?", None))["conversation"])
            await guest.client.caught_up(conversation, ["Hello?", "You wrote: Hello?"])
        await guest.client.send("Still there?", conversation)
        with example("echo_bot", contracts, **settings):
            said = ["Hello?", "You wrote: Hello?", "Still there?", "You wrote: Still there?"]
            await guest.client.caught_up(conversation, said)
            await guest.client.send("Thanks.", conversation)
            await guest.client.caught_up(conversation, [*said, "Thanks.", "You wrote: Thanks."])
        await guest.client.say(type="end", conversation=conversation)


async def _comments(agent: Agent, ticket: str) -> list[Frame]:
    found: list[Frame] = ok_json(await agent.browser.http.get(f"/api/v1/tickets/{ticket}/comments"))["items"]
    return found


async def _is_consumed(broker: AbstractConnection, process: subprocess.Popen[bytes]) -> bool:
    """True once the example reads its queue, which it has bound before; also when it has ended, which its block reports."""
    channel = await broker.channel()
    try:
        queue = await channel.declare_queue(COMMENTS_QUEUE, passive=True)
    except ChannelNotFoundEntity:
        return process.poll() is not None
    await channel.close()
    return bool(queue.declaration_result.consumer_count)
