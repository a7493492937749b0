"""Facts reach other services at least once, whatever fails between the entry and the broker."""

from pathlib import Path

import pytest

from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo, away
from tests.integration.chat.running_chat import Running, agent, running_chat, visitor
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow


def flagged(database: Mongo) -> int:
    return database.entries.count_documents({"outbox": True})


async def test_facts_of_a_conversation(chat: Running, ear: Ear, database: Mongo) -> None:
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
    await chat.accept(conversation, ana)
    await chat.write(ana, conversation)
    await chat.close(conversation, ana)
    facts = await ear.wait_facts(conversation, 3)
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


async def test_a_fact_counts_the_conversations_that_the_visitor_started(chat: Running, ear: Ear) -> None:
    """Requirement S-22: conversations that agents started do not count."""
    vera, ana = visitor(), agent()
    for by in (vera, ana, vera):
        conversation = (await chat.start(vera, by)).conversation.conversation
        await chat.close(conversation, vera)
    opened = await eventually(lambda: [fact for _, fact in ear.facts if fact.kind == "opened" and fact.seq == 1][2:])
    assert opened[0].visitor_chats == 2


async def test_facts_are_published_after_a_broker_outage_and_hints_show_a_gap(
    mongodb_url: str,
    vhost_url: str,
    broker_proxy: Proxy,
    database_prefix: str,
    tmp_path: Path,
    ear: Ear,
    database: Mongo,
) -> None:
    """Fault F3: messages are acknowledged meanwhile. Facts are published once the broker is back; hints are lost, and their numbers show a gap."""
    vera, ana = visitor(), agent()
    async with running_chat(mongodb_url, broker_proxy.through(vhost_url), database_prefix, tmp_path) as chat:
        conversation = (await chat.write(vera)).conversation
        await ear.wait_hint(conversation, 2)
        publisher = next(batch.publisher for batch in ear.batches if batch.entries)
        before = ear.numbers(publisher)[-1]
        async with away(broker_proxy):
            await chat.accept(conversation, ana)
            assert (await chat.write(ana, conversation)).code == ""
            await chat.close(conversation, ana)
            assert flagged(database) >= 2
        await eventually(lambda: {fact.kind for fact in ear.facts_of(conversation)} == {"opened", "assigned", "closed"})
        await eventually(lambda: flagged(database) == 0)
        await eventually(lambda: ear.numbers(publisher)[-1] > before)
        assert any(
            later > earlier + 1
            for earlier, later in zip(ear.numbers(publisher), ear.numbers(publisher)[1:], strict=False)
        )


async def test_the_sweeper_publishes_a_fact_of_a_dead_writer(chat: Running, ear: Ear, database: Mongo) -> None:
    """The entry was inserted with its outbox flag, and no post-commit work was done."""
    vera, ana = visitor(), agent()
    conversation = (await chat.write(vera)).conversation
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
    assert database.conversations.find_one({"_id": conversation})["assignee"]["id"] == ana.id  # type: ignore[index]  # the document exists
    hint = next(entry for entry in await ear.wait_hint(conversation, 3) if entry.seq == 3)
    assert (hint.kind, hint.assignee, hint.state.status) == ("assigned", ana.id, "active")
