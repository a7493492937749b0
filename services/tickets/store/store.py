"""Tickets in MongoDB.

Unique: (site, number); (site, conversation) and (site, author, client id) where there is one. Facts that the bus has not confirmed
stand in the ticket's own document, so that they are written with the change that they tell of.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from kit.codes import Code, Refused
from kit.mongo import Client, Document, outcome_unknown
from services.tickets.domain.filters import NOBODY, Filters, ticket_words
from services.tickets.domain.ticket import HISTORY_KEPT, Change, Person, Ticket, Transcript
from services.tickets.ports import Fact, Insert

AnswerT = TypeVar("AnswerT")

# Unpublished facts of one ticket. A fact has at most 4 kB, so with a full transcript (4 MB) and history they stay below the 16 MB that
# MongoDB allows a document. Past it changes are refused: a fact is never dropped.
MAX_UNPUBLISHED = 1000
_GIVEN = {"$gt": ""}
_INDEXES = [
    IndexModel([("site", ASCENDING), ("number", DESCENDING)], unique=True, name="number"),
    IndexModel([("site", ASCENDING), ("status", ASCENDING), ("number", DESCENDING)], name="status"),
    IndexModel([("site", ASCENDING), ("assignee.id", ASCENDING), ("number", DESCENDING)], name="assignee"),
    IndexModel([("site", ASCENDING), ("priority", ASCENDING), ("number", DESCENDING)], name="priority"),
    IndexModel([("site", ASCENDING), ("words", ASCENDING), ("number", DESCENDING)], name="words"),
    IndexModel(
        [("site", ASCENDING), ("conversation", ASCENDING)],
        unique=True,
        name="conversation",
        partialFilterExpression={"conversation": _GIVEN},
    ),
    IndexModel(
        [
            ("site", ASCENDING),
            ("created_by.kind", ASCENDING),
            ("created_by.id", ASCENDING),
            ("client_id", ASCENDING),
        ],
        unique=True,
        name="client_id",
        partialFilterExpression={"client_id": _GIVEN},
    ),
    # Empty when all is published, which is nearly always.
    IndexModel([("facts.at_ms", ASCENDING)], name="facts", partialFilterExpression={"facts.at_ms": {"$gt": 0}}),
]
_BRIEF = {"transcript.lines": 0, "history": 0, "facts": 0, "words": 0}


class MongoStore:
    """The store of `app.py`. `database` is this service's own."""

    def __init__(self, client: Client, database: str, *, max_unpublished: int = MAX_UNPUBLISHED) -> None:
        self._max_unpublished = max_unpublished
        self._tickets = client[database]["tickets"]
        # A number is only tried: the index decides, so the newest one seen anywhere serves best.
        self._newest = self._tickets.with_options(read_concern=ReadConcern("local"))

    async def prepare(self) -> None:
        """Makes sure of the indexes; safe beside running services."""
        await self._tickets.create_indexes(_INDEXES)

    async def get(self, site: str, ticket: str) -> Ticket | None:
        return await self._one({"_id": ticket, "site": site})

    async def of_conversation(self, site: str, conversation: str) -> Ticket | None:
        return await self._one({"site": site, "conversation": conversation})

    async def brief_of_conversation(self, site: str, conversation: str) -> Ticket | None:
        found = await reading(self._tickets.find_one({"site": site, "conversation": conversation}, _BRIEF))
        return None if found is None else _ticket(found)

    async def of_client_id(self, site: str, author: Person, client_id: str) -> Ticket | None:
        return await self._one(
            {"site": site, "created_by.kind": author.kind, "created_by.id": author.id, "client_id": client_id}
        )

    async def next_number(self, site: str) -> int:
        found = await reading(self._newest.find_one({"site": site}, {"number": 1}, sort=[("number", DESCENDING)]))
        return 1 if found is None else int(found["number"]) + 1

    async def insert(self, ticket: Ticket, fact: Fact) -> Insert:
        document = {"_id": ticket.ticket, **msgspec.to_builtins(ticket), "words": ticket_words(ticket)}
        document["facts"] = [_fact_document(fact)]
        try:
            await writing(self._tickets.insert_one(document))
        except DuplicateKeyError as error:
            return _taken(error)
        return Insert.DONE

    async def change(self, ticket: Ticket, changes: Sequence[Change], fact: Fact) -> bool:
        values = {
            "version": ticket.version,
            "subject": ticket.subject,
            "status": ticket.status,
            "priority": ticket.priority,
            "assignee": msgspec.to_builtins(ticket.assignee),
            "words": ticket_words(ticket),
        }
        # A comment may have come later than this change was decided.
        newest = {"updated_at_ms": ticket.updated_at_ms}
        pushed = {
            "history": {"$each": msgspec.to_builtins(changes), "$slice": -HISTORY_KEPT},
            "facts": _fact_document(fact),
        }
        before = {"_id": ticket.ticket, "site": ticket.site, "version": ticket.version - 1}
        has_room = {f"facts.{self._max_unpublished - 1}": {"$exists": False}}
        update = {"$set": values, "$max": newest, "$push": pushed}
        result = await writing(self._tickets.update_one({**before, **has_room}, update))
        if not result.matched_count and await reading(self._tickets.find_one(before, {"_id": 1})):
            raise Refused(Code.OVERLOADED, "Too many changes of this ticket wait for the broker.", retry_ms=5000)
        return bool(result.matched_count)

    async def extend(self, ticket: Ticket, transcript: Transcript) -> bool:
        before = {"_id": ticket.ticket, "site": ticket.site}
        seen = {"transcript.to_seq": ticket.transcript.to_seq, "transcript.whole": False}
        update = {"$set": {"transcript": msgspec.to_builtins(transcript)}}
        result = await writing(self._tickets.update_one({**before, **seen}, update))
        return bool(result.matched_count)

    async def page(self, site: str, filters: Filters, below: int, limit: int) -> list[Ticket]:
        wanted: Document = {"site": site, "number": {"$lt": below}, **_wanted(filters)}
        found = self._tickets.find(wanted, _BRIEF).sort("number", DESCENDING).limit(limit)
        return [_ticket(document) for document in await reading(found.to_list(limit))]

    async def unpublished(self, before_ms: int, limit: int) -> list[Fact]:
        """Facts that were written before then and are still not confirmed, oldest first."""
        wanted = {"facts.at_ms": {"$gt": 0, "$lt": before_ms}}
        found = self._tickets.find(wanted, {"facts": 1}).sort("facts.at_ms", ASCENDING).limit(limit)
        facts = [
            Fact(document["_id"], fact["version"], fact["kind"], fact["at_ms"], fact["body"])
            for document in await reading(found.to_list(limit))
            for fact in document["facts"]
            if fact["at_ms"] < before_ms
        ]
        return sorted(facts, key=lambda fact: fact.at_ms)[:limit]

    async def published(self, fact: Fact) -> None:
        """The broker has this fact; newer ones of the same ticket stay."""
        await writing(self._tickets.update_one({"_id": fact.ticket}, {"$pull": {"facts": {"version": fact.version}}}))

    async def _one(self, wanted: Document) -> Ticket | None:
        found = await reading(self._tickets.find_one(wanted))
        return None if found is None else _ticket(found)


def _ticket(document: Document) -> Ticket:
    found: Ticket = msgspec.convert(document, Ticket)
    return found


def _taken(error: DuplicateKeyError) -> Insert:
    """The unique index that refused a document; the last field of each names it."""
    field = list((error.details or {}).get("keyPattern", {}))[-1:]
    if field not in (["number"], ["conversation"], ["client_id"]):
        raise error
    return Insert(field[0])


def _wanted(filters: Filters) -> Document:
    assignee = {"assignee.id": None} if filters.assignee == NOBODY else {"assignee.id": filters.assignee}
    wanted: Document = assignee if filters.assignee else {}
    if filters.status:
        wanted["status"] = filters.status
    if filters.priority:
        wanted["priority"] = filters.priority
    if filters.words:
        wanted["words"] = {"$all": list(filters.words)}
    return wanted


def _fact_document(fact: Fact) -> Document:
    return {"version": fact.version, "kind": fact.kind, "at_ms": fact.at_ms, "body": fact.body}


async def reading(statement: Any) -> Any:
    """What a read gives; Refused(unavailable) when the database is away."""
    try:
        return await statement
    except PyMongoError as error:
        raise Refused(Code.UNAVAILABLE, "The database cannot be reached.", retry_ms=1000) from error


async def writing(statement: Any) -> Any:
    """What a write gives; Refused(retry) when its outcome is unknown."""
    try:
        return await statement
    except DuplicateKeyError:
        raise
    except PyMongoError as error:
        if not outcome_unknown(error):
            raise
        raise Refused(Code.RETRY, "The outcome is unknown.", retry_ms=1000) from error
