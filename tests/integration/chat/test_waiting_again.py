"""A log with a `requeued` entry, as a later version writes it: document, lists, hint and fact follow."""

import pytest
from palique.chat.v1 import chat_pb2

from kit.ids import now_ms
from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import Running, agent, visitor
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


def requeue(database: Mongo, conversation: str, seq: int, ana: chat_pb2.Person) -> None:
    """Inserts the entry with its outbox flag, as a process that dies before the post-commit work."""
    person = {"kind": "agent", "id": ana.id, "name": ana.name}
    database.entries.insert_one(
        {
            "_id": f"{conversation}.{seq:09d}",
            "site": "demo",
            "conversation": conversation,
            "seq": seq,
            "kind": "requeued",
            "author": person,
            "agent": person,
            "reason": "agent_lost",
            "at": now_ms(),
            "outbox": True,
        }
    )


async def is_queue(chat: Running, expected: list[tuple[str, str, str]]) -> bool:
    waiting = (await chat.sync(waiting=True)).waiting
    return [(state.conversation, state.preview, state.agents[0].id) for state in waiting] == expected


async def test_a_conversation_that_waits_again_is_in_the_queue_with_its_line_and_can_be_accepted(
    chat: Running, second: Running, ear: Ear, database: Mongo
) -> None:
    vera, ana, ben = visitor(), agent(), agent("Ben")
    conversation = (await chat.write(vera)).conversation
    await chat.accept(conversation, ana)
    await chat.write(ana, conversation)
    await chat.write(vera, conversation, "Where is it?")
    requeue(database, conversation, 6, ana)

    expected = [(conversation, "Where is it?", ana.id)]
    await eventually(lambda: is_queue(second, expected))
    fact = (await eventually(lambda: [one for one in ear.facts_of(conversation) if one.kind == "requeued"]))[0]
    assert (fact.seq, fact.conversation.status, fact.conversation.HasField("assignee")) == (6, "waiting", False)
    hint = next(entry for entry in await ear.wait_hint(conversation, 6) if entry.seq == 6)
    assert (hint.kind, hint.assignee, hint.state.status) == ("requeued", "", "waiting")
    for reader, reason in ((ana, "agent_lost"), (vera, "")):
        last = (await chat.log(conversation, reader))[-1]
        assert (last.kind, last.reason, last.HasField("author")) == ("requeued", reason, bool(reason))

    assert (await chat.accept(conversation, ben)).assignee.id == ben.id
    assert (await chat.write(ana, conversation)).code == "not_assigned"
