"""Read marks never fall and never pass the head."""

import asyncio
import random

import pytest
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from tests.integration.chat.running_chat import SITE, Running, agent, visitor

pytestmark = pytest.mark.slow


async def marks(chat: Running, conversation: str, reader: chat_pb2.Person) -> dict[str, int]:
    return {mark.reader.id: mark.seq for mark in (await chat.get(conversation, reader)).reads}


async def test_marks_rise_over_two_processes_and_never_fall(chat: Running, second: Running) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    for _ in range(10):
        await chat.write(ana, conversation)
    seqs = list(range(1, 12))
    random.Random(3).shuffle(seqs)  # noqa: S311 - an order, no secret
    await asyncio.gather(*((chat, second)[seq % 2].mark(conversation, vera, seq) for seq in seqs))
    await second.mark(conversation, ana, 5)
    assert await marks(chat, conversation, ana) == {vera.id: 11, ana.id: 5}
    await chat.mark(conversation, vera, 3)
    assert await marks(second, conversation, ana) == {vera.id: 11, ana.id: 5}


async def test_a_mark_never_passes_the_head(chat: Running) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    await chat.mark(conversation, vera, 999)
    assert await marks(chat, conversation, vera) == {vera.id: 2}


async def test_only_a_reader_of_the_conversation_marks(chat: Running) -> None:
    vera, eve = visitor(), visitor()
    conversation = (await chat.write(vera)).conversation
    for reader, where in ((eve, conversation), (vera, "f" * 32)):
        with pytest.raises(Refused) as refused:
            await chat.mark(where, reader, 1)
        assert refused.value.code is Code.NOT_FOUND
    assert await marks(chat, conversation, vera) == {}


async def test_a_refused_mark_does_not_affect_the_others(chat: Running) -> None:
    vera, eve = visitor(), visitor()
    conversation = (await chat.write(vera)).conversation
    items = [chat_pb2.MarkReadItem(conversation=conversation, reader=who, seq=2) for who in (eve, vera)]
    with pytest.raises(Refused):
        await chat.pool.call(lambda stub: stub.MarkRead, chat_pb2.MarkReadRequest(site=SITE, items=items))
    assert await marks(chat, conversation, vera) == {vera.id: 2}
