"""Requirement I-7: of agents that accept concurrently at several processes, one is assigned."""

import asyncio

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from tests.integration.chat.running_chat import Running, agent, visitor


async def tried(one: Running, conversation: str, who: chat_pb2.Person) -> chat_pb2.Conversation | Code:
    try:
        return await one.accept(conversation, who)
    except Refused as refused:
        return refused.code


async def test_concurrent_accepts_assign_one_agent(chat: Running, second: Running) -> None:
    for _ in range(10):
        vera, agents = visitor(), [agent(name) for name in ("Ana", "Ben", "Cleo", "Dan")]
        conversation = (await chat.write(vera)).conversation
        await second.fetch(conversation, vera)
        results = await asyncio.gather(
            *(tried((chat, second)[number % 2], conversation, who) for number, who in enumerate(agents))
        )
        won = [result for result in results if isinstance(result, chat_pb2.Conversation)]
        assert len(won) == 1
        assert [result for result in results if isinstance(result, Code)] == [Code.ALREADY_ASSIGNED] * 3
        for one in (chat, second):
            assert (await one.get(conversation, agents[0])).assignee == won[0].assignee
        log = await chat.log(conversation, agents[0])
        assert [entry.agent.id for entry in log if entry.kind == "assigned"] == [won[0].assignee.id]


async def test_a_process_with_an_old_state_refuses_nothing_by_mistake(chat: Running, second: Running) -> None:
    """A cached state is never a reason to refuse."""
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    await second.write(vera, conversation)
    await chat.accept(conversation, ana)
    assert (await second.write(ana, conversation)).code == ""
    assert (await chat.close(conversation, ana)).status == "closed"
    assert (await second.write(ana, conversation)).code == "closed"


async def test_concurrent_accept_and_close(chat: Running, second: Running) -> None:
    for _ in range(10):
        vera, ana = visitor(), agent()
        conversation = (await chat.write(vera)).conversation
        accepted, closed = await asyncio.gather(
            tried(chat, conversation, ana), second.close(conversation, vera), return_exceptions=False
        )
        assert closed.status == "closed"
        kinds = [entry.kind for entry in await chat.log(conversation, ana)]
        assert kinds in (["opened", "message", "assigned", "closed"], ["opened", "message", "closed"])
        assert (accepted is Code.CLOSED) == ("assigned" not in kinds)


async def test_only_the_assignee_writes_and_closes(chat: Running) -> None:
    vera, ana, ben = visitor(), agent(), agent("Ben")
    conversation = (await chat.write(vera)).conversation
    assert (await chat.write(ben, conversation)).code == "not_assigned"
    await chat.accept(conversation, ana)
    assert (await chat.write(ben, conversation)).code == "not_assigned"
    with pytest.raises(Refused) as refused:
        await chat.close(conversation, ben)
    assert refused.value.code is Code.NOT_ASSIGNED
    assert (await chat.close(conversation, ben, any_assignee=True)).status == "closed"
