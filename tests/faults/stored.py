"""The logs at the end of a run, in the database and over the API, and their tickets."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from motor.motor_asyncio import AsyncIOMotorClient

from kit.mongo import Document
from tests.faults.checking import Stored
from tests.faults.ledger import Line
from tests.faults.page import Page, line_of

DATABASE = "palique_chat"


class Head(NamedTuple):
    """A conversation and the length of its log."""

    conversation: str
    visitor: str
    head: int


async def read_stored(url: str, visitors: Collection[str], agent: Page, tickets: Mapping[str, str]) -> list[Stored]:
    """Every conversation of these visitors, oldest first. `agent` must have access to them; `tickets` by conversation."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(url, readConcernLevel="majority")
    try:
        database = client[DATABASE]
        found = database["conversations"].find({"visitor.id": {"$in": list(visitors)}}, {"visitor": 1, "epoch": 1})
        conversations = await found.sort([("started_at", 1), ("_id", 1)]).to_list(None)
        return [await _stored(database["entries"], document, agent, tickets) for document in conversations]
    finally:
        client.close()


async def read_keys(url: str) -> set[str]:
    """Every conversation."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(url)
    try:
        found = await client[DATABASE]["conversations"].find({}, {"_id": 1}).to_list(None)
        return {conversation["_id"] for conversation in found}
    finally:
        client.close()


async def read_heads(url: str, visitors: Collection[str]) -> list[Head]:
    """The lengths of all non-empty conversations of these visitors, oldest first."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(url, readConcernLevel="majority")
    try:
        database = client[DATABASE]
        found = database["conversations"].find({"visitor.id": {"$in": list(visitors)}}, {"visitor": 1})
        conversations = await found.sort([("started_at", 1), ("_id", 1)]).to_list(None)
        keys = [conversation["_id"] for conversation in conversations]
        group = {"$group": {"_id": "$conversation", "head": {"$max": "$seq"}}}
        grouped = (
            await database["entries"].aggregate([{"$match": {"conversation": {"$in": keys}}}, group]).to_list(None)
        )
        heads = {one["_id"]: int(one["head"]) for one in grouped}
        return [
            Head(one["_id"], one["visitor"]["id"], heads[one["_id"]]) for one in conversations if one["_id"] in heads
        ]
    finally:
        client.close()


async def _stored(entries: Any, conversation: Document, agent: Page, tickets: Mapping[str, str]) -> Stored:
    key = conversation["_id"]
    documents = await entries.find({"conversation": key}).sort("_id", 1).to_list(None)
    log = [_line(document, conversation.get("epoch", 1)) for document in documents]
    told = (await agent.http("GET", f"/api/v1/chats/{key}/log"))["entries"] if log else []
    ticket = await agent.http("GET", f"/api/v1/tickets/{tickets[key]}") if key in tickets else None
    return Stored(
        conversation=key,
        visitor=conversation["visitor"]["id"],
        log=log,
        over_api=[line_of(entry) for entry in told],
        agents=frozenset(document["agent"]["id"] for document in documents if document["kind"] == "assigned"),
        ticket=[line["text"] for line in ticket["transcript"]] if ticket else None,
    )


def _line(document: Document, epoch: int) -> Line:
    return Line(
        document["conversation"],
        epoch,
        document["seq"],
        document["kind"],
        document["author"]["id"],
        document.get("client_id", ""),
        document.get("text", ""),
    )
