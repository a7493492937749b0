"""Lists of conversations: newest first, in pages, filtered, for one site."""

import asyncio

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from tests.integration.chat.running_chat import SITE, Running, agent, visitor

pytestmark = pytest.mark.slow


async def all_pages(chat: Running, **fields: object) -> list[chat_pb2.Conversation]:
    found: list[chat_pb2.Conversation] = []
    cursor = ""
    while True:
        page = await chat.list_conversations(cursor=cursor, **fields)
        found += page.conversations
        cursor = page.next
        if not cursor:
            return found


def ids(states: list[chat_pb2.Conversation]) -> list[str]:
    return [state.conversation for state in states]


async def flag(chat: Running, conversation: str, flagged: bool, site: str = SITE) -> chat_pb2.Conversation:
    request = chat_pb2.SetFlaggedRequest(site=site, conversation=conversation, flagged=flagged)
    return (await chat.pool.call(lambda stub: stub.SetFlagged, request)).conversation


async def test_every_conversation_is_on_exactly_one_page(chat: Running) -> None:
    """Several conversations start in the same millisecond."""
    started = await asyncio.gather(*(chat.write(visitor()) for _ in range(23)))
    pages = await all_pages(chat, limit=5)
    assert sorted(ids(pages)) == sorted(one.conversation for one in started)
    order = [(state.started_at_ms, state.conversation) for state in pages]
    assert order == sorted(order, reverse=True)
    assert ids(await all_pages(chat, limit=100)) == ids(pages)


async def test_each_filter_selects_its_conversations(chat: Running) -> None:
    vera, bob, ana, ben = visitor(), visitor(), agent(), agent("Ben")
    first = (await chat.start(vera, ana)).conversation
    await chat.close(first.conversation, ana)
    second = (await chat.start(vera, ben)).conversation
    third = (await chat.start(bob, bob)).conversation
    elsewhere = (await chat.start(vera, vera, site="other")).conversation
    everything = [third.conversation, second.conversation, first.conversation]
    assert ids(await all_pages(chat)) == everything
    assert ids(await all_pages(chat, site="other")) == [elsewhere.conversation]
    assert ids(await all_pages(chat, visitor=vera.id)) == everything[1:]
    assert ids(await all_pages(chat, agent=ana.id)) == [first.conversation]
    assert ids(await all_pages(chat, status="closed")) == [first.conversation]
    assert ids(await all_pages(chat, status="active")) == [second.conversation]
    assert ids(await all_pages(chat, status="waiting")) == [third.conversation]
    assert ids(await all_pages(chat, visitor=vera.id, agent=ben.id, status="closed")) == []
    since, until = second.started_at_ms, third.started_at_ms
    assert ids(await all_pages(chat, from_ms=since)) == [
        one.conversation for one in (third, second, first) if one.started_at_ms >= since
    ]
    assert third.conversation not in ids(await all_pages(chat, to_ms=until))


async def test_a_closed_conversation_shows_its_people_times_and_counts(chat: Running) -> None:
    """Requirement S-12: the fields of the list of past chats."""
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    await chat.accept(conversation, ana)
    await chat.write(ana, conversation)
    await chat.close(conversation, ana)
    state = (await all_pages(chat, status="closed"))[0]
    assert (state.visitor, list(state.agents), state.started_by) == (vera, [ana], "visitor")
    assert 0 < state.started_at_ms <= state.ended_at_ms
    assert (state.messages, state.head, state.flagged) == (2, 5, False)


async def test_a_flag_is_set_listed_and_cleared(chat: Running, second: Running) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    assert (await flag(chat, conversation, True)).flagged
    await chat.write(vera, conversation)
    assert ids(await all_pages(second, only_flagged=True)) == [conversation]
    assert not (await flag(second, conversation, False)).flagged
    assert ids(await all_pages(chat, only_flagged=True)) == []
    with pytest.raises(Refused) as refused:
        await flag(chat, conversation, True, site="other")
    assert refused.value.code is Code.NOT_FOUND


async def test_malformed_lists_are_refused(chat: Running) -> None:
    cursor = {"cursor": "x"}, {"cursor": '{"$gt":""}'}
    for fields in (*cursor, {"limit": 0}, {"limit": 101}, {"status": "open"}, {"visitor": "$ne"}):
        with pytest.raises(Refused) as refused:
            await chat.list_conversations(**fields)
        assert refused.value.code is Code.INVALID
