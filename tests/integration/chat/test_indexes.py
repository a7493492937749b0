"""Target B8: every query uses an index, and the frequent ones examine no more documents than they return."""

import pytest
from palique.chat.v1 import chat_pb2
from palique.chat.v1.chat_pb2 import Person

from tests.integration.chat.bus_ear import Ear
from tests.integration.chat.conftest import Mongo
from tests.integration.chat.running_chat import SITE, Running, agent, visitor
from tests.support.json_object import JsonObject

pytestmark = [pytest.mark.slow, pytest.mark.new_databases]


def plans(database: Mongo) -> list[JsonObject]:
    wanted = {"$in": [f"{database.name}.entries", f"{database.name}.conversations"]}
    return list(database["system.profile"].find({"ns": wanted, "op": {"$in": ["query", "command", "update"]}}))


async def use_every_query(chat: Running, vera: Person, bob: Person, ana: Person) -> None:
    conversation = (await chat.start(bob, ana)).conversation.conversation
    await chat.write(bob, client_id="1")
    await chat.write(bob, client_id="1")
    await chat.mark(conversation, ana, 2)
    cursors = [chat_pb2.Cursor(conversation=conversation, seq=0)]
    await chat.sync(cursors=cursors, visitors=[vera.id, bob.id], agents=[ana.id], waiting=True)
    await chat.fetch(conversation, bob)
    await chat.get(conversation, bob)
    for fields in (
        {},
        {"visitor": vera.id},
        {"agent": ana.id},
        {"status": "closed"},
        {"only_flagged": True},
        {"country": "ES"},
        {"visitors": [vera.id, bob.id]},
        {"text": "hello"},
    ):
        page = await chat.list_conversations(limit=5, **fields)
        await chat.list_conversations(limit=5, cursor=page.next, **fields)
    flagging = chat_pb2.SetFlaggedRequest(site=SITE, conversation=conversation, flagged=True)
    await chat.pool.call(lambda stub: stub.SetFlagged, flagging)
    await chat.close(conversation, bob)
    await chat.chat.outbox.sweep()


async def test_no_query_scans_a_collection(chat: Running, database: Mongo, ear: Ear) -> None:
    """`ear` consumes the facts; unroutable facts would stay in the outbox and fail the sweep."""
    vera, bob, ana = visitor(), visitor(), agent()
    for _ in range(30):
        conversation = (await chat.start(vera, ana)).conversation.conversation
        await chat.write(ana, conversation)
        await chat.close(conversation, ana)
        await chat.write(visitor())
    database.command("profile", 2)
    try:
        await use_every_query(chat, vera, bob, ana)
    finally:
        database.command("profile", 0)
    seen = plans(database)
    assert len(seen) > 20
    for one in seen:
        assert "COLLSCAN" not in one.get("planSummary", ""), one["command"]
        assert not one.get("hasSortStage"), one["command"]
        # For several visitors the planner may walk the index of the newest conversations.
        if "find" in one["command"] and "$in" not in str(one["command"]["filter"].get("visitor.id")):
            assert one["docsExamined"] <= one["nreturned"] + 1, one["command"]
    heads = [one for one in seen if "aggregate" in one["command"] and one["ns"].endswith("entries")]
    assert [one["docsExamined"] for one in heads] == [0], "heads are read from the index alone"
