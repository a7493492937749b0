"""Requirement I-7: of agents that accept concurrently at several processes, one is assigned."""

import asyncio
from collections.abc import Awaitable

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from tests.integration.chat.running_chat import Running, agent, visitor


async def tried(one: Running, conversation: str, who: chat_pb2.Person) -> chat_pb2.Conversation | Code:
    try:
        return await one.accept(conversation, who)
    except Refused as refused:
        return refused.code


async def outcome(call: Awaitable[object]) -> Code | None:
    """The code of a refusal; None for success."""
    try:
        await call
    except Refused as refused:
        return refused.code
    return None


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


async def test_concurrent_release_and_close(chat: Running, second: Running) -> None:
    """Either order of the two is right, and the conversation has ended after both."""
    for _ in range(10):
        vera, ana = visitor(), agent()
        conversation = (await chat.start(vera, ana)).conversation.conversation
        await second.fetch(conversation, vera)
        released, closed = await asyncio.gather(
            outcome(chat.release(conversation, ana)), outcome(second.close(conversation, vera))
        )
        kinds = [entry.kind for entry in await chat.log(conversation, ana)][2:]
        assert kinds in (["requeued", "closed"], ["closed"])
        assert (released, closed) == (None if "requeued" in kinds else Code.CLOSED, None)


async def test_concurrent_release_and_accepts_leave_one_owner(chat: Running, second: Running) -> None:
    """An accept that comes before the release is refused; of those after it, one is assigned."""
    for _ in range(10):
        vera, ana, others = visitor(), agent(), [agent(name) for name in ("Ben", "Cleo")]
        conversation = (await chat.start(vera, ana)).conversation.conversation
        await second.fetch(conversation, vera)
        released, *accepted = await asyncio.gather(
            outcome(chat.release(conversation, ana)),
            *(outcome(one.accept(conversation, who)) for one, who in zip((chat, second), others, strict=True)),
        )
        assert released is None
        assert accepted.count(None) <= 1
        assert set(accepted) <= {None, Code.ALREADY_ASSIGNED}
        state = await second.get(conversation, ana)
        winner = others[accepted.index(None)].id if None in accepted else ""
        assert (state.assignee.id, state.status) == (winner, "active" if winner else "waiting")
        assert [entry.kind for entry in await chat.log(conversation, ana)][2:4] == ["requeued", "assigned"][
            : 1 + bool(winner)
        ]


async def test_concurrent_release_and_take_over(chat: Running, second: Running) -> None:
    for _ in range(10):
        vera, ana, ben = visitor(), agent(), agent("Ben")
        conversation = (await chat.start(vera, ana)).conversation.conversation
        await second.fetch(conversation, vera)
        released, taken = await asyncio.gather(
            outcome(chat.release(conversation, ana)), outcome(second.take_over(conversation, ben))
        )
        assert [released, taken].count(Code.NOT_ASSIGNED) == 1, "the second finds the chat with another owner"
        state = await chat.get(conversation, ana)
        assert (state.status, state.assignee.id) == (("active", ben.id) if taken is None else ("waiting", ""))


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
