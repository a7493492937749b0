"""Visitors and agents talk through two gateways and two chat processes, with a client that knows only the protocol."""

import asyncio
import uuid
from functools import partial

from tests.support.log_copy import Frame
from tests.support.people import Agent, Visitor, agent_at, visitor_at
from tests.support.protocol_client import Browser, Client, Ears
from tests.support.running import Running


async def accept(agent: Client, conversation: str) -> None:
    await agent.hear(lambda frame: frame["type"] == "conversation" and frame["conversation"] == conversation)
    reply = await agent.ask("accept", conversation=conversation)
    assert reply["ok"], reply


async def test_messages_go_both_ways_over_two_gateways(visitor: Visitor, agent: Agent) -> None:
    """I-5: both sides hold the same log, each entry once, in one order."""
    first = await visitor.client.send("Is the blue one in stock?", None)
    conversation = first["conversation"]
    await accept(agent.client, conversation)
    await agent.client.caught_up(conversation, ["Is the blue one in stock?"])
    await agent.client.send("It is.", conversation)
    await visitor.client.caught_up(conversation, ["Is the blue one in stock?", "It is."])
    await visitor.client.send("Good.", None)
    expected = ["Is the blue one in stock?", "It is.", "Good."]
    await agent.client.caught_up(conversation, expected)
    await visitor.client.until(lambda: visitor.client.log(conversation).last == agent.client.log(conversation).last)
    seen = [[entry["seq"] for entry in person.client.log(conversation).entries] for person in (visitor, agent)]
    assert seen[0] == seen[1] == list(range(1, len(seen[0]) + 1))


async def test_the_sender_gets_an_ack_and_no_entry_but_their_second_tab_does(running: Running) -> None:
    async with (
        Browser(running.public(0)) as browser,
        browser.as_visitor() as sender,
        browser.as_visitor(public=running.public(1)) as tab,
    ):
        ack = await sender.send("Hello", None)
        await tab.caught_up(ack["conversation"], ["Hello"])
        own = [frame for frame in sender.frames if frame["type"] == "entry" and frame.get("text") == "Hello"]
        assert own == []


async def test_one_client_id_sent_many_times_at_once_is_one_message(running: Running) -> None:
    """I-2, over two gateways: the same answer each time, one entry in the log."""
    async with (
        Browser(running.public(0)) as browser,
        browser.as_visitor() as left,
        browser.as_visitor(public=running.public(1)) as right,
    ):
        client_id = str(uuid.uuid4())
        for client in (left, right) * 5:
            await client.say(type="send", client_id=client_id, conversation=None, text="Once")
        for client in (left, right):
            await client.until(partial(is_answered, client, client_id))
        answers = answers_to(left, client_id) + answers_to(right, client_id)
        assert {answer["type"] for answer in answers} == {"ack"}, answers
        assert len({(answer["conversation"], answer["seq"]) for answer in answers}) == 1
        assert [answer["duplicate"] for answer in answers].count(False) <= 1
        log = await left.ask("fetch", conversation=answers[0]["conversation"], epoch=1, after=0, limit=100)
        assert [item["kind"] for item in log["items"]] == ["opened", "message"]


def is_answered(client: Client, client_id: str) -> bool:
    return len(answers_to(client, client_id)) == 5


def answers_to(client: Client, client_id: str) -> list[Frame]:
    return [frame for frame in client.frames if frame["type"] in ("ack", "nack") and frame["client_id"] == client_id]


async def test_a_reconnected_client_gets_missed_entries_by_cursor(running: Running, agent: Agent) -> None:
    """I-3: after the welcome the server hands over exactly what lies behind the cursor, nothing again."""
    async with Browser(running.public(0)) as browser:
        async with browser.as_visitor() as visitor:
            conversation = (await visitor.send("One", None))["conversation"]
            await accept(agent.client, conversation)
            await visitor.until(lambda: visitor.log(conversation).last == 3)
            logs = visitor.logs
        for text in ("Two", "Three", "Four"):
            await agent.client.send(text, conversation)
        async with browser.as_visitor(logs=logs, public=running.public(1), ears=Ears(fetches=False)) as back:
            await back.caught_up(conversation, ["One", "Two", "Three", "Four"])
            handed = [frame["seq"] for frame in back.frames if frame["type"] == "entry"]
            assert handed == [4, 5, 6]


async def test_a_closed_chat_refuses_and_the_next_message_opens_a_new_one(visitor: Visitor, agent: Agent) -> None:
    """Requirements I-25, S-53: the visitor learns that the chat is closed, and no message is lost."""
    conversation = (await visitor.client.send("Hello", None))["conversation"]
    await accept(agent.client, conversation)
    assert (await agent.client.ask("close", conversation=conversation))["ok"]
    await visitor.client.hear_type("entry", conversation=conversation, kind="closed")
    refused = await visitor.client.send("Still there?", conversation)
    assert (refused["type"], refused["code"], refused["retry_ms"]) == ("nack", "closed", None)
    anew = await visitor.client.send("Still there?", None)
    assert anew["type"] == "ack"
    assert anew["conversation"] != conversation


async def test_an_agent_starts_the_chat_and_starting_again_resumes_it(visitor: Visitor, agent: Agent) -> None:
    """S-30, I-6: never a second open chat, also when agents and the visitor start at once."""
    starts = [agent.client.ask("start_chat", visitor=visitor.browser.visitor) for _ in range(4)]
    *started, ack = await asyncio.gather(*starts, visitor.client.send("Me too", None))
    assert {frame["type"] for frame in started} == {"chat_started"}
    assert len({frame["conversation"] for frame in started} | {ack["conversation"]}) == 1
    assert [frame["resumed"] for frame in started].count(False) <= 1
    await visitor.client.caught_up(ack["conversation"], ["Me too"])


async def test_two_agents_accept_at_once_and_one_gets_it(visitor: Visitor, agent: Agent, running: Running) -> None:
    """I-7: a chat never has two owners."""
    async with agent_at(running, 0, "agent2@palique.test") as other:
        conversation = (await visitor.client.send("Hello", None))["conversation"]
        for person in (agent, other):
            await person.client.hear_type("conversation", conversation=conversation)
        replies = await asyncio.gather(
            agent.client.ask("accept", conversation=conversation), other.client.ask("accept", conversation=conversation)
        )
        assert sorted(reply["ok"] for reply in replies) == [False, True], replies
        assert [reply["code"] for reply in replies if not reply["ok"]] == ["already_assigned"]


async def test_typing_and_read_marks_reach_the_other_side(visitor: Visitor, agent: Agent) -> None:
    """W-02: across gateways; a mark never falls."""
    conversation = (await visitor.client.send("Hello", None))["conversation"]
    await accept(agent.client, conversation)
    await agent.client.say(type="typing", conversation=conversation)
    typing = await visitor.client.hear_type("typing", conversation=conversation)
    assert typing["who"]["kind"] == "agent"
    await agent.client.say(type="read", conversation=conversation, seq=2)
    mark = await visitor.client.hear_type("read", conversation=conversation)
    assert (mark["seq"], mark["reader"]["id"]) == (2, agent.client.me["id"])
    await visitor.client.say(type="typing", conversation=conversation)
    assert (await agent.client.hear_type("typing", conversation=conversation))["who"]["id"] == visitor.browser.visitor


async def test_notes_never_reach_the_visitor(visitor: Visitor, agent: Agent) -> None:
    """I-20: the visitor counts the entry and sees nothing of it, live and in a fetch."""
    conversation = (await visitor.client.send("Hello", None))["conversation"]
    await accept(agent.client, conversation)
    await agent.client.say(type="note", client_id=str(uuid.uuid4()), conversation=conversation, text="A secret.")
    await agent.client.send("Hi.", conversation)
    await visitor.client.caught_up(conversation, ["Hello", "Hi."])
    page = await visitor.client.ask("fetch", conversation=conversation, epoch=1, after=0, limit=100)
    kinds = [item["kind"] for item in page["items"]]
    assert kinds == ["opened", "message", "assigned", "hidden", "message"]
    assert "secret" not in str(visitor.client.frames)
    await agent.client.until(lambda: agent.client.log(conversation).last == 5)
    assert [entry.get("text") for entry in agent.client.log(conversation).entries if entry["kind"] == "note"] == [
        "A secret."
    ]


async def test_a_conversation_of_another_visitor_is_not_found(visitor: Visitor, running: Running) -> None:
    """I-18: the same answer as for one that does not exist, on every frame that names one."""
    conversation = (await visitor.client.send("Mine", None))["conversation"]
    async with visitor_at(running, 1) as stranger:
        for wanted in (conversation, "0" * 32, "no such thing"):
            refused = await stranger.client.send("Let me in", wanted)
            assert (refused["type"], refused["code"], refused["retry_ms"]) == ("nack", "not_found", None)
            error = await stranger.client.ask("fetch", conversation=wanted, epoch=1, after=0, limit=10)
            assert (error["type"], error["code"]) == ("error", "not_found")
            for kind in ("read", "typing"):
                position = len(stranger.client.frames)
                await stranger.client.say(type=kind, conversation=wanted, seq=1)
                assert (await stranger.client.hear_type("error", position))["code"] == "not_found"
        assert "Mine" not in str(stranger.client.frames)
    assert visitor.client.log(conversation).texts == ["Mine"]


async def test_every_agent_hears_of_chats_that_wait(visitor: Visitor, agent: Agent) -> None:
    conversation = (await visitor.client.send("Hello", None))["conversation"]

    def waits(frame: dict[str, object]) -> bool:
        return frame["type"] == "queue" and conversation in str(frame["offers"])

    queue = await agent.client.hear(waits)
    position = len(agent.client.frames)
    assert queue["waiting"] >= 1
    await agent.client.ask("accept", conversation=conversation)
    await agent.client.hear(lambda frame: frame["type"] == "queue" and not waits(frame), position)
