"""Whatever a process left undone when it died, whoever comes next makes good. The database is left here as a crash would leave it."""

from typing import Any

import pytest

from kit.ids import new_id, now_ms
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import SITE, Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


def stored(database: Mongo, conversation: str) -> dict[str, Any]:
    document = database.conversations.find_one({"_id": conversation})
    assert document is not None
    return document


async def test_a_document_whose_log_was_never_begun(chat: Running, second: Running, database: Mongo) -> None:
    """Died after the reservation, before the first entry."""
    vera, ana = visitor(), agent()
    person = {"kind": "visitor", "id": vera.id, "name": "Vera"}
    conversation = new_id()
    reserved = {"site": SITE, "visitor": person, "opened_by": person, "open": True, "head": 0, "status": "reserved"}
    more = {"started_by": "visitor", "started_at": now_ms(), "agents": [], "country": "ES", "region": "Spain"}
    database.conversations.insert_one({"_id": conversation, **reserved, **more})
    assert list((await chat.listed()).conversations) == []
    assert list((await chat.sync(waiting=True, visitors=[vera.id])).conversations) == []
    sent = await second.say(vera)
    assert (sent.conversation, sent.seq) == (conversation, 2)
    assert (await chat.get(conversation, ana)).country == "ES"


async def test_an_open_document_whose_log_is_closed(chat: Running, second: Running, database: Mongo) -> None:
    """Died after the last entry, before the document: the visitor's next message opens a new chat (I-25)."""
    vera, ana = visitor(), agent()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    before = stored(database, conversation)
    await chat.close(conversation, ana)
    await eventually(lambda: not stored(database, conversation)["open"])
    database.conversations.replace_one({"_id": conversation}, before)
    # Nobody is shown what the document says.
    assert list((await second.sync(agents=[ana.id])).conversations) == []
    assert (await second.sync(visitors=[vera.id])).conversations[0].status == "closed"
    assert (await second.listed()).conversations[0].status == "closed"
    following = await second.say(vera)
    assert (following.code, following.seq) == ("", 2)
    assert following.conversation != conversation
    assert not stored(database, conversation)["open"]
    assert (await chat.start(vera, ana)).conversation.conversation == following.conversation


async def test_a_document_that_is_behind_shows_to_nobody(chat: Running, second: Running, database: Mongo) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.say(vera)).conversation
    before = stored(database, conversation)
    await chat.accept(conversation, ana)
    for _ in range(5):
        await chat.say(vera, conversation)
    state = await chat.get(conversation, ana)
    assert (state.head, state.messages, state.status) == (8, 6, "active")
    await eventually(lambda: stored(database, conversation)["head"] == 8)
    database.conversations.replace_one({"_id": conversation}, before)
    assert await second.get(conversation, ana) == state
    assert list((await second.listed()).conversations) == [state]
    assert list((await second.sync(visitors=[vera.id])).conversations) == [state]
    assert list((await second.sync(waiting=True)).waiting) == []


async def test_documents_are_rebuilt_from_their_logs(chat: Running, second: Running, database: Mongo) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.start(vera, ana)).conversation.conversation
    for _ in range(10):
        await chat.say(ana, conversation)
    await eventually(lambda: stored(database, conversation)["head"] == 12)
    whole = stored(database, conversation)
    wiped = {"head": 0, "status": "reserved", "messages": 0, "agents": [], "assignee": None, "last_at": 0}
    database.conversations.update_one({"_id": conversation}, {"$set": wiped})
    said = await second.say(ana, conversation)
    assert (said.code, said.seq) == ("", 13)
    await eventually(lambda: stored(database, conversation)["head"] == 13)
    now = stored(database, conversation)
    assert now == {**whole, "head": 13, "messages": 11, "last_at": said.at_ms}


async def test_the_end_of_a_chat_that_nobody_heard_of(chat: Running, ear: Ear, database: Mongo) -> None:
    """Died after the last entry, before document, hint and fact: the sweeper of any process does all three."""
    vera = visitor()
    conversation = (await chat.say(vera)).conversation
    await ear.told(conversation, 1)
    await eventually(lambda: stored(database, conversation)["head"] == 2)
    last = {"site": SITE, "conversation": conversation, "seq": 3, "kind": "closed", "at": now_ms() - 5000}
    author = {"kind": "visitor", "id": vera.id, "name": ""}
    database.entries.insert_one({"_id": f"{conversation}.000000003", **last, "author": author, "outbox": True})
    assert {fact.kind for fact in await ear.told(conversation, 2)} == {"opened", "closed"}
    await ear.heard(conversation, 3)
    assert not stored(database, conversation)["open"]


async def test_counts_are_in_the_document_soon(chat: Running, database: Mongo) -> None:
    vera = visitor()
    conversation = (await chat.say(vera)).conversation
    for _ in range(3):
        await chat.say(vera, conversation)
    await eventually(lambda: stored(database, conversation)["messages"] == 4)
    await eventually(lambda: chat.sample("palique_chat_projections_waiting") == 0)
