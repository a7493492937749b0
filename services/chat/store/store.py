"""The chat service's database: `entries`, the logs and the only truth, and `conversations`, what lists read.

The one file here that talks to MongoDB. Writes are on a majority before they return, reads see what a majority has: a tail read otherwise
could be rolled back by a fail-over after something was built on it. Filters are made of checked values only.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pymongo import ASCENDING, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from kit.mongo import Collection, Database, Document
from kit.runtime.logs import Log
from kit.vocabulary import FACT_KINDS
from services.chat.domain.log import CLOSED, FIRST_EPOCH, WAITING, Entry, Person, State
from services.chat.ports import Filters, Head, Insert, Mark, Position, Record
from services.chat.store.documents import (
    entry_document,
    entry_of,
    range_after,
    reader_key,
    record_of,
    reserved_document,
    state_fields,
)
from services.chat.store.errors import failed_write, reading
from services.chat.store.filters import BRIEF, list_filter
from services.chat.store.indexes import CONVERSATION_INDEXES, ENTRY_INDEXES, NEWEST_FIRST

ItemT = TypeVar("ItemT")

DUPLICATE_KEY = 11000
# Ranges in one statement: planning time grows with them.
RANGES = 500
# A queue longer than this is not read by anybody; a person with more open conversations is none.
WAITING_LIMIT = 500
OPEN_LIMIT = 5000
# A majority answers in milliseconds; where there is none, callers are told within the time of their call.
NOW_TIMEOUT_MS = 2000


class ChatStore:
    """Everything durable of the chat service."""

    def __init__(self, database: Database, *, log: Log) -> None:
        self._entries: Collection = database["entries"]
        self._conversations: Collection = database["conversations"]
        self._now = self._conversations.with_options(read_concern=ReadConcern("linearizable"))
        self._log = log

    async def ensure_indexes(self) -> None:
        """Idempotent, and safe beside a running version. Refused(unavailable) while the database is away."""
        with reading():
            await self._entries.create_indexes(ENTRY_INDEXES)
            await self._conversations.create_indexes(CONVERSATION_INDEXES)

    async def up_to_now(self) -> None:
        with reading():
            # Answered once the primary has heard from a majority that it still is: whatever was acknowledged before is then in its view.
            await self._now.find_one({"_id": ""}, {"_id": 1}, max_time_ms=NOW_TIMEOUT_MS)

    async def insert_entries(self, entries: Sequence[Entry]) -> list[Insert]:
        documents = [entry_document(entry, outbox=entry.kind in FACT_KINDS) for entry in entries]
        try:
            await self._entries.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            return self._sorted_out(error.details or {}, len(entries))
        except PyMongoError as error:
            # Whatever it was: unknown is always true, and the caller's next try finds out.
            self._log.warning("an insert's outcome is unknown", error=type(error).__name__, entries=len(entries))
            return [Insert.UNKNOWN] * len(entries)
        return [Insert.DONE] * len(entries)

    def _sorted_out(self, details: Mapping[str, Any], count: int) -> list[Insert]:
        concerns = details.get("writeConcernErrors")
        if concerns:
            self._log.warning("no majority in time", code=concerns[0].get("code"), entries=count)
        results = [Insert.UNKNOWN if concerns else Insert.DONE] * count
        for error in details.get("writeErrors", ()):
            results[error["index"]] = _insert_of(error)
        return results

    async def entries_after(self, heads: Mapping[str, int]) -> list[Entry]:
        found: list[Entry] = []
        for chunk in _chunks(list(heads.items()), RANGES):
            with reading():
                cursor = self._entries.find(_after_any(chunk), {"text": 0}).sort("_id", ASCENDING)
                found += [entry_of(document) for document in await cursor.to_list(None)]
        return found

    async def page(self, conversation: str, after: int, limit: int) -> list[Entry]:
        with reading():
            cursor = self._entries.find({"_id": range_after(conversation, after)}).sort("_id", ASCENDING)
            return [entry_of(document) for document in await cursor.limit(limit).to_list(limit)]

    async def entry_by_client_id(self, author: Person, client_id: str, conversation: str) -> Entry | None:
        key = {"author.id": author.id, "client_id": client_id, "conversation": conversation}
        with reading():
            document = await self._entries.find_one(key)
        return entry_of(document) if document else None

    async def entry_anywhere(self, site: str, author: Person, client_id: str) -> Entry | None:
        key = {"author.id": author.id, "client_id": client_id, "site": site, "author.kind": author.kind}
        with reading():
            document = await self._entries.find_one(key)
        return entry_of(document) if document else None

    async def heads_ahead(self, site: str, cursors: Mapping[str, int]) -> dict[str, Head]:
        ahead: dict[str, int] = {}
        for chunk in _chunks(list(cursors.items()), RANGES):
            pipeline: list[Document] = [
                {"$match": _after_any(chunk)},
                # Ids alone, so the index answers and no entry is read.
                {"$group": {"_id": {"$substrBytes": ["$_id", 0, 32]}, "last": {"$max": "$_id"}}},
            ]
            with reading():
                found = await self._entries.aggregate(pipeline).to_list(None)
            ahead.update({document["_id"]: int(document["last"].rpartition(".")[2]) for document in found})
        return await self._of_site(site, ahead)

    async def _of_site(self, site: str, heads: dict[str, int]) -> dict[str, Head]:
        ours: dict[str, Head] = {}
        for chunk in _chunks(list(heads), RANGES):
            with reading():
                cursor = self._conversations.find({"_id": {"$in": chunk}, "site": site}, {"epoch": 1})
                for document in await cursor.to_list(None):
                    ours[document["_id"]] = Head(document.get("epoch", FIRST_EPOCH), heads[document["_id"]])
        return ours

    async def reserve(self, state: State) -> bool:
        try:
            await self._conversations.insert_one(reserved_document(state))
        except DuplicateKeyError:
            return False
        except PyMongoError as error:
            raise failed_write(error) from error
        return True

    async def project(self, states: Sequence[State]) -> None:
        updates = [
            UpdateOne({"_id": state.conversation, "head": {"$lt": state.head}}, {"$set": state_fields(state)})
            for state in states
        ]
        try:
            await self._conversations.bulk_write(updates, ordered=False)
        except PyMongoError as error:
            raise failed_write(error) from error

    async def records(self, conversations: Sequence[str]) -> list[Record]:
        return await self._records({"_id": {"$in": list(conversations)}}, len(conversations))

    async def open_of_visitor(self, site: str, visitor: str) -> State | None:
        found = await self._records({"site": site, "visitor.id": visitor, "open": True}, 1)
        return found[0].state if found else None

    async def open_of_visitors(self, site: str, visitors: Sequence[str]) -> list[Record]:
        return await self._records({"site": site, "visitor.id": {"$in": list(visitors)}, "open": True}, len(visitors))

    async def open_of_agents(self, site: str, agents: Sequence[str]) -> list[Record]:
        return await self._records({"site": site, "assignee.id": {"$in": list(agents)}, "open": True}, OPEN_LIMIT)

    async def newest_closed(self, site: str, visitors: Sequence[str]) -> list[Record]:
        return [
            record for chunk in _chunks(list(visitors), RANGES) for record in await self._newest_closed(site, chunk)
        ]

    async def _newest_closed(self, site: str, visitors: list[str]) -> list[Record]:
        pipeline: list[Document] = [
            {"$match": {"site": site, "visitor.id": {"$in": visitors}, "status": CLOSED}},
            {"$sort": {"visitor.id": 1, "started_at": -1, "_id": -1}},
            {"$group": {"_id": "$visitor.id", "newest": {"$first": "$$ROOT"}}},
            {"$unset": "newest.words"},
        ]
        with reading():
            # Without a word the planner may take all closed ones of the site, and sort them.
            found = await self._conversations.aggregate(pipeline, hint="newest_of_visitor").to_list(None)
        return [record_of(document["newest"]) for document in found]

    async def waiting(self, site: str) -> list[Record]:
        oldest_first = [("started_at", ASCENDING), ("_id", ASCENDING)]
        return await self._records({"site": site, "status": WAITING}, WAITING_LIMIT, oldest_first)

    async def open_by_status(self) -> dict[str, int]:
        """How many are open, over all sites. Reads the smallest index of those that are, whole."""
        pipeline: list[Document] = [
            {"$match": {"open": True, "head": {"$gt": 0}}},
            {"$group": {"_id": "$status", "count": {"$sum": 1}}},
        ]
        with reading():
            found = await self._conversations.aggregate(pipeline, hint="open_of_agent").to_list(None)
        return {document["_id"]: document["count"] for document in found}

    async def matching(self, filters: Filters, after: Position | None, limit: int) -> list[Record]:
        return await self._records(list_filter(filters, after), limit, NEWEST_FIRST)

    async def started_by_visitor(self, site: str, visitor: str) -> int:
        begun = {"site": site, "visitor.id": visitor, "started_by": "visitor", "head": {"$gt": 0}}
        with reading():
            return await self._conversations.count_documents(begun)

    async def raise_marks(self, marks: Sequence[Mark]) -> list[bool]:
        ids = list({mark.conversation for mark in marks})
        with reading():
            documents = await self._conversations.find({"_id": {"$in": ids}}, {"reads": 1}).to_list(None)
        reads = {document["_id"]: document.get("reads", {}) for document in documents}
        rise = [reads.get(mark.conversation, {}).get(reader_key(mark.reader), 0) < mark.seq for mark in marks]
        updates = [
            # Somebody may have raised it higher since it was read.
            UpdateOne({"_id": mark.conversation}, {"$max": {f"reads.{reader_key(mark.reader)}": mark.seq}})
            for mark, rises in zip(marks, rise, strict=True)
            if rises
        ]
        try:
            if updates:
                await self._conversations.bulk_write(updates, ordered=False)
        except PyMongoError as error:
            raise failed_write(error) from error
        return rise

    async def set_flagged(self, site: str, conversation: str, flagged: bool) -> bool:
        begun = {"_id": conversation, "site": site, "head": {"$gt": 0}}
        try:
            result = await self._conversations.update_one(begun, {"$set": {"flagged": flagged}})
        except PyMongoError as error:
            raise failed_write(error) from error
        return result.matched_count == 1

    async def unconfirmed(self, before_ms: int, limit: int) -> list[Entry]:
        flagged = {"outbox": True, "at": {"$lt": before_ms}}
        with reading():
            cursor = self._entries.find(flagged, {"text": 0}).sort("at", ASCENDING).limit(limit)
            return [entry_of(document) for document in await cursor.to_list(limit)]

    async def confirmed(self, entry: Entry) -> None:
        key = entry_document(entry, outbox=False)["_id"]
        try:
            await self._entries.update_one({"_id": key}, {"$unset": {"outbox": ""}})
        except PyMongoError as error:
            raise failed_write(error) from error

    async def _records(
        self, query: Document, limit: int, order: Sequence[tuple[str, int]] | None = None
    ) -> list[Record]:
        with reading():
            cursor = self._conversations.find(query, BRIEF).limit(limit)
            if order is not None:
                cursor = cursor.sort(list(order))
            return [record_of(document) for document in await cursor.to_list(limit)]


def _insert_of(error: Mapping[str, Any]) -> Insert:
    if error.get("code") != DUPLICATE_KEY:
        return Insert.UNKNOWN
    return Insert.TAIL_TAKEN if "_id" in error.get("keyPattern", {}) else Insert.CLIENT_ID_TAKEN


def _after_any(cursors: Sequence[tuple[str, int]]) -> Document:
    return {"$or": [{"_id": range_after(conversation, seq)} for conversation, seq in cursors]}


def _chunks(items: list[ItemT], size: int) -> Iterator[list[ItemT]]:
    return (items[start : start + size] for start in range(0, len(items), size))
