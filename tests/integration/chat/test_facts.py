"""Facts reach other services at least once, whatever dies between the entry and the broker."""

from pathlib import Path

import pytest

from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo, away, through
from tests.integration.chat.running_chat import Running, agent, running_chat, visitor
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow


def flagged(database: Mongo) -> int:
    return database.entries.count_documents({"outbox": True})


async def test_what_is_told(chat: Running, ear: Ear, database: Mongo) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.say(vera)).conversation
    await chat.accept(conversation, ana)
    await chat.say(ana, conversation)
    await chat.close(conversation, ana)
    facts = await ear.told(conversation, 3)
    by_kind = {fact.kind: fact for fact in facts}
    assert {kind: fact.seq for kind, fact in by_kind.items()} == {"opened": 1, "assigned": 3, "closed": 5}
    assert {key for key, fact in ear.facts if fact.conversation.conversation == conversation} == {
        "chat.opened",
        "chat.assigned",
        "chat.closed",
    }
    assert by_kind["closed"].conversation.status == "closed"
    assert by_kind["closed"].conversation.messages == 2
    await eventually(lambda: flagged(database) == 0)


async def test_how_many_chats_the_visitor_started(chat: Running, ear: Ear) -> None:
    """S-22: those that agents started do not count."""
    vera, ana = visitor(), agent()
    for by in (vera, ana, vera):
        conversation = (await chat.start(vera, by)).conversation.conversation
        await chat.close(conversation, vera)
    opened = await eventually(lambda: [fact for _, fact in ear.facts if fact.kind == "opened" and fact.seq == 1][2:])
    assert opened[0].visitor_chats == 2


async def test_the_broker_away_and_back(
    mongodb_url: str,
    vhost_url: str,
    broker_link: Proxy,
    database_prefix: str,
    tmp_path: Path,
    ear: Ear,
    database: Mongo,
) -> None:
    """F3: what is said goes on and is acknowledged; facts are told once the broker is back, hints are not, and their numbers show it."""
    vera, ana = visitor(), agent()
    async with running_chat(mongodb_url, through(vhost_url, broker_link), database_prefix, tmp_path) as chat:
        conversation = (await chat.say(vera)).conversation
        await ear.heard(conversation, 2)
        publisher = next(batch.publisher for batch in ear.batches if batch.entries)
        before = ear.numbers(publisher)[-1]
        async with away(broker_link):
            await chat.accept(conversation, ana)
            assert (await chat.say(ana, conversation)).code == ""
            await chat.close(conversation, ana)
            assert flagged(database) >= 2
        await eventually(lambda: {fact.kind for fact in ear.facts_of(conversation)} == {"opened", "assigned", "closed"})
        await eventually(lambda: flagged(database) == 0)
        await eventually(lambda: ear.numbers(publisher)[-1] > before)
        assert any(
            later > earlier + 1
            for earlier, later in zip(ear.numbers(publisher), ear.numbers(publisher)[1:], strict=False)
        )


async def test_a_fact_that_its_writer_did_not_live_to_tell(chat: Running, ear: Ear, database: Mongo) -> None:
    """The entry was inserted with its flag, and nothing after that was done."""
    vera, ana = visitor(), agent()
    conversation = (await chat.say(vera)).conversation
    await eventually(lambda: flagged(database) == 0)
    person = {"kind": "agent", "id": ana.id, "name": "Ana"}
    database.entries.insert_one(
        {
            "_id": f"{conversation}.000000003",
            "site": "demo",
            "conversation": conversation,
            "seq": 3,
            "kind": "assigned",
            "author": person,
            "agent": person,
            "at": 1,
            "outbox": True,
        }
    )
    await eventually(lambda: [fact.seq for fact in ear.facts_of(conversation) if fact.kind == "assigned"] == [3])
    await eventually(lambda: flagged(database) == 0)
    assert database.conversations.find_one({"_id": conversation})["assignee"]["id"] == ana.id  # type: ignore[index]  # it is there
    hint = next(entry for entry in await ear.heard(conversation, 3) if entry.seq == 3)
    assert (hint.kind, hint.assignee, hint.state.status) == ("assigned", ana.id, "active")
