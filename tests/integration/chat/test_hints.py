"""Hints: numbered, with the encoded browser frame, naming visitor and assignee, after the acknowledgement."""

import json

import pytest
from palique.chat.v1 import chat_pb2

from services.gateway.fanout.gap_detector import GapDetector
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.running_chat import Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


def kinds(ear: Ear, conversation: str) -> list[str]:
    return [entry.kind for entry in ear.entries(conversation)]


async def test_every_entry_has_a_hint_in_the_order_of_the_log(chat: Running, ear: Ear) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera, text="¿Hay alguien?")).conversation
    await chat.accept(conversation, ana)
    await chat.write(ana, conversation, "Hello")
    await chat.write(ana, conversation, "a note", kind="note")
    await chat.close(conversation, ana)
    hints = await ear.wait_hint(conversation, 6)
    assert [hint.seq for hint in hints] == [1, 2, 3, 4, 5, 6]
    assert [hint.kind for hint in hints] == ["opened", "message", "assigned", "message", "note", "closed"]
    assert {hint.visitor for hint in hints} == {vera.id}
    assert [hint.assignee for hint in hints] == ["", "", *[ana.id] * 4]
    states = [(hint.state.status, hint.state.preview) for hint in hints if hint.HasField("state")]
    assert states == [("waiting", ""), ("waiting", "¿Hay alguien?"), ("active", ""), ("closed", "")]
    frame = json.loads(hints[1].frame)
    assert frame["type"] == "entry"
    assert (frame["conversation"], frame["epoch"], frame["seq"], frame["kind"]) == (conversation, 1, 2, "message")
    assert (frame["author"], frame["text"]) == ({"kind": "visitor", "id": vera.id, "name": "Vera"}, "¿Hay alguien?")
    assert json.loads(hints[2].frame)["agent"] == {"kind": "agent", "id": ana.id, "name": "Ana"}


async def test_batches_are_numbered_densely_and_continue_without_entries(
    chat: Running, second: Running, ear: Ear
) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    for number in range(20):
        await (chat, second)[number % 2].write(vera, conversation)
    await ear.wait_hint(conversation, 22)
    heard = {batch.publisher for batch in ear.batches}
    before = len(ear.batches)
    # Heartbeats continue without new entries.
    await eventually(lambda: all(sum(b.publisher == p for b in ear.batches[before:]) >= 3 for p in heard))
    assert len(heard) >= 2
    reader = GapDetector()
    gaps = [reader.observe(batch.publisher, batch.number, 0) for batch in ear.batches]
    assert sum(gaps) == len(heard), "each publisher is reported once, as new"


async def test_a_hint_names_the_connection_that_sent_the_message(chat: Running, ear: Ear) -> None:
    item = chat_pb2.AppendItem(author=visitor(), kind="message", client_id="1", text="x", origin="socket-1")
    conversation = (await chat.append(item))[0].conversation
    hints = await ear.wait_hint(conversation, 2)
    assert [hint.origin for hint in hints] == ["", "socket-1"]


async def test_a_hint_of_a_change_is_published_after_its_document(chat: Running, ear: Ear) -> None:
    """A client that gets the hint and then reads a list finds the change there."""
    vera, ana = visitor(), agent()
    for _ in range(5):
        conversation = (await chat.start(vera, vera)).conversation.conversation
        await ear.wait_hint(conversation, 1)
        assert conversation in [one.conversation for one in (await chat.sync(waiting=True)).waiting]
        await chat.accept(conversation, ana)
        await ear.wait_hint(conversation, 2)
        assert conversation in [one.conversation for one in (await chat.list_conversations(agent=ana.id)).conversations]
        await chat.close(conversation, ana)


async def test_a_duplicate_message_repeats_its_hint(chat: Running, ear: Ear) -> None:
    """The process that wrote the entry may have died before it published the hint."""
    vera = visitor()
    first = await chat.write(vera, client_id="1")
    await ear.wait_hint(first.conversation, 2)
    await chat.write(vera, client_id="1")
    await eventually(lambda: kinds(ear, first.conversation).count("message") == 2)


async def test_only_rising_read_marks_have_a_hint(chat: Running, ear: Ear) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    await chat.accept(conversation, ana)
    for seq in (2, 1, 2, 99):
        await chat.mark(conversation, ana, seq)
    await eventually(lambda: len(ear.reads(conversation)) >= 2)
    assert [read.seq for read in ear.reads(conversation)] == [2, 3]
    last = ear.reads(conversation)[-1]
    assert (last.reader.kind, last.reader.id, last.visitor, last.assignee) == ("agent", ana.id, vera.id, ana.id)
