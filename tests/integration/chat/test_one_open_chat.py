"""Requirement I-6: a visitor has one open conversation, however many calls start at once. S-30: it is started or resumed."""

import asyncio

import pytest

from kit.codes import Code, Refused
from kit.ids import new_id
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import Running, agent, visitor

pytestmark = pytest.mark.slow


async def test_concurrent_starts_open_one_conversation(chat: Running, second: Running, database: Mongo) -> None:
    for _ in range(5):
        vera, ana, ben = visitor(), agent(), agent("Ben")
        starts = asyncio.gather(*(one.start(vera, by) for one in (chat, second) for by in (ana, ben, vera)))
        sends = asyncio.gather(*(one.write(vera, client_id=new_id()) for one in (chat, second) for _ in range(3)))
        started, sent = await starts, await sends
        conversations = {start.conversation.conversation for start in started} | {one.conversation for one in sent}
        assert len(conversations) == 1
        assert sum(not start.resumed for start in started) <= 1
        log = await chat.log(conversations.pop(), ana)
        kinds = [entry.kind for entry in log]
        assert (kinds[0], kinds.count("opened"), kinds.count("assigned"), kinds.count("message")) == ("opened", 1, 1, 6)
        assert database.conversations.count_documents({"visitor.id": vera.id}) == 1


async def test_a_conversation_that_an_agent_starts_is_assigned_to_that_agent(chat: Running) -> None:
    vera, ana, ben = visitor(), agent(), agent("Ben")
    started = await chat.start(vera, ana)
    state = started.conversation
    assert (started.resumed, state.status, state.started_by, state.assignee.id) == (False, "active", "agent", ana.id)
    assert (state.country, state.region, state.visitor.id) == ("ES", "Spain", vera.id)
    again = await chat.start(vera, ana)
    assert (again.resumed, again.conversation) == (True, state)
    other = await chat.start(vera, ben)
    assert (other.resumed, other.conversation.assignee.id) == (True, ana.id)
    assert (await chat.write(vera)).conversation == state.conversation


async def test_a_waiting_conversation_is_assigned_to_the_agent_that_starts_it(chat: Running, second: Running) -> None:
    vera, ana = visitor(), agent()
    waiting = await chat.write(vera)
    started = await second.start(vera, ana)
    assert (started.resumed, started.conversation.conversation) == (True, waiting.conversation)
    assert (started.conversation.status, started.conversation.assignee.id) == ("active", ana.id)
    assert started.conversation.started_by == "visitor"


async def test_a_visitor_cannot_start_a_conversation_of_another_visitor(chat: Running) -> None:
    vera, eve = visitor(), visitor()
    with pytest.raises(Refused) as refused:
        await chat.start(vera, eve)
    assert refused.value.code is Code.FORBIDDEN
    started = await chat.start(vera, vera)
    assert (started.resumed, started.conversation.status, started.conversation.started_by) == (
        False,
        "waiting",
        "visitor",
    )


async def test_the_same_visitor_id_on_two_sites_has_two_conversations(chat: Running) -> None:
    vera = visitor()
    here = await chat.start(vera, vera)
    there = await chat.start(vera, vera, site="other")
    assert (here.resumed, there.resumed) == (False, False)
    assert here.conversation.conversation != there.conversation.conversation
