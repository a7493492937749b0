"""Unfinished work of a dead process is completed by the next call or by the sweeper. Each test leaves the database as a crash would."""

import pytest

from kit.ids import new_id, now_ms
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import SITE, Running, agent, visitor
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow


def stored(database: Mongo, conversation: str) -> JsonObject:
    document = database.conversations.find_one({"_id": conversation})
    assert document is not None
    return document


async def test_a_reserved_document_without_a_log_is_opened_by_the_next_message(
    chat: Running, second: Running, database: Mongo
) -> None:
    """Crash after the reservation, before the first entry."""
    vera, ana = visitor(), agent()
    person = {"kind": "visitor", "id": vera.id, "name": "Vera"}
    conversation = new_id()
    reserved = {"site": SITE, "visitor": person, "opened_by": person, "open": True, "head": 0, "status": "reserved"}
    more = {"started_by": "visitor", "started_at": now_ms(), "agents": [], "country": "ES", "region": "Spain"}
    database.conversations.insert_one({"_id": conversation, **reserved, **more})
    assert list((await chat.list_conversations()).conversations) == []
    assert list((await chat.sync(waiting=True, visitors=[vera.id])).conversations) == []
    sent = await second.write(vera)
    assert (sent.conversation, sent.seq) == (conversation, 2)
    assert (await chat.get(conversation, ana)).country == "ES"


async def test_an_open_document_with_a_closed_log_is_closed_by_the_next_message(
    chat: Running, second: Running, database: Mongo
) -> None:
    """Crash after the last entry, before the document: the visitor's next message opens a new conversation (requirement I-25)."""
    vera, ana = visitor(), agent()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    before = stored(database, conversation)
    await chat.close(conversation, ana)
    await eventually(lambda: not stored(database, conversation)["open"])
    database.conversations.replace_one({"_id": conversation}, before)
    # No reader sees the state of the document.
    assert list((await second.sync(agents=[ana.id])).conversations) == []
    assert (await second.sync(visitors=[vera.id])).conversations[0].status == "closed"
    assert (await second.list_conversations()).conversations[0].status == "closed"
    following = await second.write(vera)
    assert (following.code, following.seq) == ("", 2)
    assert following.conversation != conversation
    assert not stored(database, conversation)["open"]
    assert (await chat.start(vera, ana)).conversation.conversation == following.conversation


async def test_readers_never_see_a_document_that_is_behind_its_log(
    chat: Running, second: Running, database: Mongo
) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    before = stored(database, conversation)
    await chat.accept(conversation, ana)
    written = [await chat.write(vera, conversation, text) for text in ("Hello?", "1", "2", "3", "Anybody?\nPlease.")]
    note = await chat.write(ana, conversation, "A secret", kind="note")
    state = await chat.get(conversation, ana)
    assert (state.head, state.messages, state.status) == (9, 6, "active")
    assert state.last_line == "Anybody?"
    assert state.unanswered_since_ms < written[0].at_ms
    assert state.last_at_ms == note.at_ms
    await eventually(lambda: stored(database, conversation)["head"] == 9)
    database.conversations.replace_one({"_id": conversation}, before)
    assert await second.get(conversation, ana) == state
    assert list((await second.list_conversations()).conversations) == [state]
    assert list((await second.sync(visitors=[vera.id])).conversations) == [state]
    assert list((await second.sync(waiting=True)).waiting) == []


async def test_the_first_line_of_a_waiting_chat_is_known_before_its_document_has_it(
    chat: Running, second: Running, database: Mongo
) -> None:
    vera = visitor()
    conversation = (await chat.start(vera, vera)).conversation.conversation
    before = stored(database, conversation)
    await chat.write(vera, conversation, "Where is it?")
    await eventually(lambda: stored(database, conversation)["head"] == 2)
    database.conversations.replace_one({"_id": conversation}, before)
    (waiting,) = (await second.sync(waiting=True)).waiting
    assert (waiting.preview, waiting.last_line) == ("Where is it?", "Where is it?")


async def test_a_document_is_rebuilt_from_its_log(chat: Running, second: Running, database: Mongo) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    for _ in range(10):
        await chat.write(ana, conversation)
    await eventually(lambda: stored(database, conversation)["head"] == 12)
    whole = stored(database, conversation)
    wiped = {"head": 0, "status": "reserved", "messages": 0, "agents": [], "assignee": None, "last_at": 0}
    database.conversations.update_one({"_id": conversation}, {"$set": wiped})
    said = await second.write(ana, conversation)
    assert (said.code, said.seq) == ("", 13)
    await eventually(lambda: stored(database, conversation)["head"] == 13)
    now = stored(database, conversation)
    assert now == {**whole, "head": 13, "messages": 11, "last_at": said.at_ms}


async def test_the_sweeper_completes_an_unpublished_end(chat: Running, ear: Ear, database: Mongo) -> None:
    """Crash after the last entry, before document, hint and fact: the sweeper of any process does all three."""
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    await ear.wait_facts(conversation, 1)
    await eventually(lambda: stored(database, conversation)["head"] == 2)
    last = {"site": SITE, "conversation": conversation, "seq": 3, "kind": "closed", "at": now_ms() - 5000}
    author = {"kind": "visitor", "id": vera.id, "name": ""}
    database.entries.insert_one({"_id": f"{conversation}.000000003", **last, "author": author, "outbox": True})
    assert {fact.kind for fact in await ear.wait_facts(conversation, 2)} == {"opened", "closed"}
    await ear.wait_hint(conversation, 3)
    assert not stored(database, conversation)["open"]


async def test_message_counts_reach_the_document(chat: Running, database: Mongo) -> None:
    vera = visitor()
    conversation = (await chat.write(vera)).conversation
    for _ in range(3):
        await chat.write(vera, conversation)
    await eventually(lambda: stored(database, conversation)["messages"] == 4)
    await eventually(lambda: chat.sample("palique_chat_projections_waiting") == 0)
