"""The collection `tickets`. Facts that the broker has not confirmed are part of the ticket's document, written with the change itself."""

from collections.abc import Sequence

import msgspec
from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from kit.codes import Code, Refused
from kit.migration import Migration
from kit.mongo import Database, Document
from kit.text.search_terms import TERMS_VERSION
from services.tickets.domain.filters import UNASSIGNED, ListFilters, search_terms, search_terms_of
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import MAX_HISTORY, Change, Ticket
from services.tickets.domain.transcript import Transcript
from services.tickets.ports import Fact, InsertOutcome
from services.tickets.store.errors import reading, writing
from services.tickets.store.indexes import TICKET_INDEXES

# A fact has at most 4 kB, so with a full transcript (4 MB) and history they stay below MongoDB's limit of 16 MB for a document.
# Beyond it changes of the ticket are refused: an unpublished fact is never dropped.
MAX_UNPUBLISHED = 1000
# A broker that is back publishes a ticket's facts within seconds.
UNPUBLISHED_RETRY_MS = 5000
_BRIEF = {"transcript.lines": 0, "history": 0, "facts": 0, "words": 0}


class TicketStore:
    """Implements `TicketRecords`, and the outbox's reads of unpublished facts."""

    def __init__(self, database: Database, *, max_unpublished: int = MAX_UNPUBLISHED) -> None:
        self._max_unpublished = max_unpublished
        self._tickets = database["tickets"]
        # For `next_number`: a number that no majority has yet is taken all the same, as the unique index decides.
        self._local = self._tickets.with_options(read_concern=ReadConcern("local"))
        # Stores the search terms of the current rules.
        terms = Migration(
            self._tickets, "ticket_terms", TERMS_VERSION, ("number", "subject", "visitor"), _search_terms_update
        )
        self.migrations = (terms,)

    async def ensure_indexes(self) -> None:
        """Idempotent, and safe beside running processes."""
        await self._tickets.create_indexes(TICKET_INDEXES)

    async def get(self, site: str, ticket_id: str) -> Ticket | None:
        return await self._one({"_id": ticket_id, "site": site})

    async def of_conversation(self, site: str, conversation_id: str) -> Ticket | None:
        return await self._one({"site": site, "conversation": conversation_id})

    async def brief_of_conversation(self, site: str, conversation_id: str) -> Ticket | None:
        return await self._one({"site": site, "conversation": conversation_id}, _BRIEF)

    async def of_client_id(self, site: str, author: Person, client_id: str) -> Ticket | None:
        return await self._one(
            {"site": site, "created_by.kind": author.kind, "created_by.id": author.id, "client_id": client_id}
        )

    async def next_number(self, site: str) -> int:
        found = await reading(self._local.find_one({"site": site}, {"number": 1}, sort=[("number", DESCENDING)]))
        return 1 if found is None else int(found["number"]) + 1

    async def insert(self, ticket: Ticket, fact: Fact) -> InsertOutcome:
        document = {"_id": ticket.id, **msgspec.to_builtins(ticket), "words": search_terms_of(ticket)}
        document["facts"] = [_fact_document(fact)]
        try:
            await writing(self._tickets.insert_one(document))
        except DuplicateKeyError as error:
            return _refusing_index(error)
        return InsertOutcome.DONE

    async def change(self, ticket: Ticket, changes: Sequence[Change], fact: Fact) -> bool:
        update = {
            "$set": {
                "version": ticket.version,
                "subject": ticket.subject,
                "status": ticket.status,
                "priority": ticket.priority,
                "assignee": msgspec.to_builtins(ticket.assignee),
                "words": search_terms_of(ticket),
            },
            # A comment may have raised it after this change was decided.
            "$max": {"updated_at_ms": ticket.updated_at_ms},
            "$push": {
                "history": {"$each": msgspec.to_builtins(changes), "$slice": -MAX_HISTORY},
                "facts": _fact_document(fact),
            },
        }
        before = {"_id": ticket.id, "site": ticket.site, "version": ticket.version - 1}
        has_room = {f"facts.{self._max_unpublished - 1}": {"$exists": False}}
        result = await writing(self._tickets.update_one({**before, **has_room}, update))
        if not result.matched_count and await reading(self._tickets.find_one(before, {"_id": 1})) is not None:
            raise Refused(Code.OVERLOADED, "Too many changes of this ticket wait for the broker.", UNPUBLISHED_RETRY_MS)
        return bool(result.matched_count)

    async def extend(self, ticket: Ticket, transcript: Transcript) -> bool:
        before = {
            "_id": ticket.id,
            "site": ticket.site,
            "transcript.to_seq": ticket.transcript.to_seq,
            "transcript.whole": False,
        }
        update = {"$set": {"transcript": msgspec.to_builtins(transcript)}}
        return bool((await writing(self._tickets.update_one(before, update))).matched_count)

    async def page(self, site: str, filters: ListFilters, below: int, limit: int) -> list[Ticket]:
        query = {"site": site, "number": {"$lt": below}, **_query(filters)}
        found = self._tickets.find(query, _BRIEF).sort("number", DESCENDING).limit(limit)
        return [msgspec.convert(document, Ticket) for document in await reading(found.to_list(limit))]

    async def unpublished(self, before_ms: int, limit: int) -> list[Fact]:
        """Unconfirmed facts that were written before `before_ms`, oldest first."""
        query = {"facts.at_ms": {"$gt": 0, "$lt": before_ms}}
        found = self._tickets.find(query, {"facts": 1}).sort("facts.at_ms", ASCENDING).limit(limit)
        facts = [
            Fact(document["_id"], fact["version"], fact["kind"], fact["at_ms"], fact["body"])
            for document in await reading(found.to_list(limit))
            for fact in document["facts"]
            if fact["at_ms"] < before_ms
        ]
        return sorted(facts, key=lambda fact: fact.at_ms)[:limit]

    async def mark_published(self, fact: Fact) -> None:
        """Removes a confirmed fact; other versions of the ticket stay."""
        pull = {"$pull": {"facts": {"version": fact.version}}}
        await writing(self._tickets.update_one({"_id": fact.ticket_id}, pull))

    async def _one(self, query: Document, fields: Document | None = None) -> Ticket | None:
        found = await reading(self._tickets.find_one(query, fields))
        return None if found is None else msgspec.convert(found, Ticket)


def _refusing_index(error: DuplicateKeyError) -> InsertOutcome:
    key = list((error.details or {}).get("keyPattern", {}))
    try:
        return InsertOutcome(key[-1])
    except (IndexError, ValueError):
        raise error from None


def _query(filters: ListFilters) -> Document:
    query: Document = {}
    if filters.assignee_id:
        query["assignee.id"] = None if filters.assignee_id == UNASSIGNED else filters.assignee_id
    if filters.status:
        query["status"] = filters.status
    if filters.priority:
        query["priority"] = filters.priority
    if filters.search_terms:
        query["words"] = {"$all": list(filters.search_terms)}
    return query


def _fact_document(fact: Fact) -> Document:
    return {"version": fact.version, "kind": fact.kind, "at_ms": fact.at_ms, "body": fact.body}


def _search_terms_update(ticket: Document) -> Document:
    visitor = ticket.get("visitor") or {}
    return {"words": search_terms(ticket["number"], ticket["subject"], visitor.get("name", ""))}
