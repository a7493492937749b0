"""Nothing that was acknowledged is lost, doubled or reordered when processes die and hints get lost."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import aio_pika
from motor.motor_asyncio import AsyncIOMotorClient
from palique.chat.v1 import live_pb2

from tests.faults.bench import Bench
from tests.support.eventually import eventually
from tests.support.people import agent_at
from tests.support.protocol_client import Browser, Ears
from tests.support.responses import ok_json
from tests.support.running import Running

# Everything heals within this: a broker needs 10 s to start again on a busy machine, and gateways then resume.
HEALED_S = 90.0


# One of each kind; the other gateway and the other chat process go on meanwhile.
KILLED = ("chat-1", "gateway-2", "presence-1", "tickets-1", "chat-2")


async def test_a_killed_process_loses_nothing_that_was_acknowledged(running: Running) -> None:
    """I-1, I-3, I-5, F1: kill -9 of every service under load; the ledger of what all writers and readers saw is clean."""
    bench = Bench(running.home, running.described(), seed=1)
    async with bench.load(talks=4) as load:
        for name in KILLED:
            await bench.kill(name)
        verdict = await load.judge()
    assert verdict.findings == []
    assert verdict.acknowledged > 0


@asynccontextmanager
async def ghost(running: Running) -> AsyncIterator[Callable[[int], "asyncio.Future[object]"]]:
    """A publisher of hints whose heartbeats carry given numbers."""
    connection = await aio_pika.connect(running.amqp_url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("palique.live")
        name = uuid.uuid4().hex

        def beat(number: int) -> "asyncio.Future[object]":
            body = live_pb2.LiveBatch(publisher=name, number=number).SerializeToString()
            return asyncio.ensure_future(exchange.publish(aio_pika.Message(body), "", mandatory=False))

        yield beat


async def write_without_a_hint(running: Running, conversation: str, text: str) -> None:
    """What a chat process leaves that dies after the write and before the hint."""
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(running.mongodb_url)
    entries = client["palique_chat"]["entries"]
    last = await entries.find({"conversation": conversation}).sort("_id", -1).limit(1).to_list(1)
    message = await entries.find_one({"conversation": conversation, "kind": "message"})
    assert message is not None
    seq = int(str(last[0]["seq"])) + 1
    message |= {"_id": f"{conversation}.{seq:09d}", "seq": seq, "text": text, "client_id": uuid.uuid4().hex}
    await entries.insert_one(message)
    client.close()


async def test_a_gap_in_the_hints_makes_the_gateway_ask(running: Running) -> None:
    """A reader with no net of its own hears of the entry whose hint was lost."""
    async with (
        Browser(running.public(0)) as browser,
        browser.as_visitor(ears=Ears(fetches=False)) as reader,
        ghost(running) as beat,
    ):
        conversation = (await reader.send("Hello", None))["conversation"]
        await reader.until(lambda: reader.log(conversation).last == 2)
        number = 0
        for _ in range(8):  # the ghost is new at first: its newness is over when these were heard
            number += 1
            await beat(number)
            await asyncio.sleep(0.25)
        # Before the write: a gateway that also misses a killed publisher catches up by itself at any moment.
        position = len(reader.frames)
        await write_without_a_hint(running, conversation, "Lost on the way")
        number += 1  # this one never leaves
        async with asyncio.timeout(HEALED_S):
            while not any(frame["type"] == "stale" for frame in reader.frames[position:]):
                number += 1
                await beat(number)
                await asyncio.sleep(0.25)
        stale = await reader.hear_type("stale", position, conversation=conversation)
        assert stale["head"] == 3


async def test_chat_goes_on_while_the_broker_is_away_and_facts_follow(running: Running) -> None:
    """The plane of truth needs no broker: acks go on, readers catch up, and what other services act on is swept later."""
    async with (
        agent_at(running, 1, "agent@palique.test") as agent,
        Browser(running.public(0)) as browser,
        browser.as_visitor() as visitor,
    ):
        conversation = (await visitor.send("Before", None))["conversation"]
        await agent.client.hear_type("conversation", conversation=conversation)
        assert (await agent.client.ask("accept", conversation=conversation))["ok"]
        dead = int(running.described()["rabbitmq"]["pid"])
        ticket = ok_json(await agent.browser.http.post(f"/api/v1/chats/{conversation}/ticket", json={}))
        running.kill_rabbitmq()
        assert (await visitor.send("Meanwhile", conversation))["type"] == "ack"
        await agent.client.caught_up(conversation, ["Before", "Meanwhile"])
        assert (await agent.client.send("I read you", conversation))["type"] == "ack"
        await visitor.caught_up(conversation, ["Before", "Meanwhile", "I read you"])
        assert (await agent.client.ask("close", conversation=conversation))["ok"]
        await eventually(lambda: int(running.described()["rabbitmq"]["pid"]) != dead, HEALED_S)

        async def transcript() -> list[str]:
            found = ok_json(await agent.browser.http.get(f"/api/v1/tickets/{ticket['id']}"))
            return [entry["text"] for entry in found["transcript"]]

        async def is_whole() -> bool:
            return await transcript() == ["Before", "Meanwhile", "I read you"]

        await eventually(is_whole, HEALED_S)
