"""RequeueOfAgents: the active conversations of agents go back to the queue, and no others."""

import asyncio
from functools import partial

import pytest

from kit.codes import Code, Refused
from tests.integration.chat.running_chat import OTHER_SITE, Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def test_only_active_conversations_of_these_agents_go_back(chat: Running, second: Running) -> None:
    ana, ben = agent("Ana"), agent("Ben")
    anas = [(await chat.start(visitor(), ana)).conversation.conversation for _ in range(3)]
    bens = (await chat.start(visitor(), ben)).conversation.conversation
    ended = (await chat.start(visitor(), ana)).conversation.conversation
    await chat.close(ended, ana)
    foreign = (await chat.start(visitor(), ana, site=OTHER_SITE)).conversation.conversation

    assert await second.requeue([ana.id]) == (3, 0)
    assert await chat.requeue([ana.id]) == (0, 0), "a repeated call finds nothing"
    for conversation in anas:
        state = await chat.get(conversation, ben)
        assert (state.status, state.HasField("assignee")) == ("waiting", False)
        last = (await chat.log(conversation, ben))[-1]
        assert (last.kind, last.reason, last.agent.id, last.author.kind) == ("requeued", "agent_lost", ana.id, "system")
    assert (await chat.get(bens, ana)).assignee.id == ben.id
    assert (await chat.get(ended, ana)).status == "closed"
    assert (await chat.get(foreign, ana, site=OTHER_SITE)).assignee.id == ana.id
    waiting = {state.conversation for state in (await chat.sync(waiting=True)).waiting}
    assert waiting == set(anas), "the queue has them at once"
    assert second.sample("palique_chat_requeued_total", reason="agent_lost") == 3


async def test_two_processes_at_once_and_an_agent_that_writes(chat: Running, second: Running) -> None:
    """Each conversation goes back once, or not at all when its agent wrote first."""
    for _ in range(10):
        ana = agent()
        conversation = (await chat.start(visitor(), ana)).conversation.conversation
        counts = await asyncio.gather(
            chat.requeue([ana.id]), second.requeue([ana.id]), second.write(ana, conversation, "I am here.")
        )
        kinds = [entry.kind for entry in await chat.log(conversation, ana)][2:]
        written = counts[2].code == ""
        assert kinds in (["requeued"], ["message"], ["message", "requeued"]), f"the log ends with {kinds}"
        assert written == ("message" in kinds)
        if "requeued" not in kinds:
            await eventually(partial(returned, chat, ana.id), sentence="the next call returns it")


async def returned(chat: Running, agent_id: str) -> bool:
    return (await chat.requeue([agent_id]))[0] == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"teams": False}, Code.SWITCHED_OFF),
        ({"reason": "no_answer"}, Code.INVALID),
        ({"agents": ["a"] * 1001}, Code.INVALID),
        ({"agents": ["$where"]}, Code.INVALID),
        ({"site": "NOT A SITE"}, Code.INVALID),
    ],
    ids=["without the setting", "reason", "too many", "id", "site"],
)
async def test_bad_requests_are_refused_whole(chat: Running, fields: dict[str, object], code: Code) -> None:
    ana = agent()
    conversation = (await chat.start(visitor(), ana)).conversation.conversation
    call: dict[str, object] = {"agents": [ana.id], **fields}
    with pytest.raises(Refused) as refused:
        await chat.requeue(**call)  # type: ignore[arg-type]  # wrong values on purpose
    assert refused.value.code is code
    assert (await chat.get(conversation, ana)).assignee.id == ana.id
