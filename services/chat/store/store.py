"""Database of the chat service: `entries` holds the logs, the only truth; `conversations` holds the projection that lists read.
`feed` holds published facts (`store/feed.py`).

Writes return after a majority has them, and reads see what a majority has. Otherwise a fail-over could roll back a tail after another entry
was built on it. Queries are made of validated values only.
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
from services.chat.ports import ConversationRecord, InsertOutcome, ListFilters, ListPosition, LogHead, ReadMark
from services.chat.store.documents import (
    entry_document,
    entry_id,
    entry_of,
    range_after,
    reader_key,
    record_of,
    reserved_document,
    state_fields,
)
from services.chat.store.errors import reads, writes
from services.chat.store.filters import WITHOUT_TERMS, list_query
from services.chat.store.indexes import CONVERSATION_INDEXES, ENTRY_INDEXES, FEED_INDEXES, NEWEST_FIRST

ItemT = TypeVar("ItemT")

DUPLICATE_KEY = 11000
# Ranges in one statement; planning time grows with their number.
RANGE_BATCH = 500
# No agent reads a longer queue, and no agent has more open conversations.
MAX_WAITING = 500
MAX_OPEN = 5000
# A majority answers in milliseconds; without one, callers get an answer within their deadline.
CONFIRM_TIMEOUT_MS = 2000


class ChatStore:
    """Implements `ports.ConversationStore`."""

    def __init__(self, database: Database, *, log: Log) -> None:
        self._entries: Collection = database["entries"]
        self._conversations: Collection = database["conversations"]
        self._linearizable = self._conversations.with_options(read_concern=ReadConcern("linearizable"))
        self._feed: Collection = database["feed"]
        self._log = log

    async def ensure_indexes(self) -> None:
        """Idempotent, and safe while another version runs. Refused(unavailable) while the database is away."""
        with reads():
            await self._entries.create_indexes(ENTRY_INDEXES)
            await self._conversations.create_indexes(CONVERSATION_INDEXES)
            await self._feed.create_indexes(FEED_INDEXES)

    async def confirm_primary(self) -> None:
        with reads():
            # A linearizable read returns after a majority confirmed the primary, which then has every acknowledged write.
            await self._linearizable.find_one({"_id": ""}, {"_id": 1}, max_time_ms=CONFIRM_TIMEOUT_MS)

    async def insert_entries(self, entries: Sequence[Entry]) -> list[InsertOutcome]:
        documents = [entry_document(entry, outbox=entry.kind in FACT_KINDS) for entry in entries]
        try:
            await self._entries.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            return self._outcomes(error.details or {}, len(entries))
        except PyMongoError as error:
            # UNKNOWN is correct for every error; the next attempt of the caller finds out.
            self._log.warning("insert outcome unknown", error=type(error).__name__, entries=len(entries))
            return [InsertOutcome.UNKNOWN] * len(entries)
        return [InsertOutcome.DONE] * len(entries)

    def _outcomes(self, details: Mapping[str, Any], count: int) -> list[InsertOutcome]:
        concerns = details.get("writeConcernErrors")
        if concerns:
            self._log.warning("majority timed out", code=concerns[0].get("code"), entries=count)
        results = [InsertOutcome.UNKNOWN if concerns else InsertOutcome.DONE] * count
        for error in details.get("writeErrors", ()):
            results[error["index"]] = _insert_of(error)
        return results

    async def entries_after(self, heads: Mapping[str, int]) -> list[Entry]:
        found: list[Entry] = []
        for chunk in _chunks(list(heads.items()), RANGE_BATCH):
            with reads():
                cursor = self._entries.find(_after_any(chunk)).sort("_id", ASCENDING)
                found += [entry_of(document) for document in await cursor.to_list(None)]
        return found

    async def log_page(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        with reads():
            cursor = self._entries.find({"_id": range_after(conversation_id, after)}).sort("_id", ASCENDING)
            return [entry_of(document) for document in await cursor.limit(limit).to_list(limit)]

    async def entries_at(self, places: Sequence[tuple[str, int]]) -> list[Entry]:
        found: list[Entry] = []
        for chunk in _chunks([entry_id(conversation_id, seq) for conversation_id, seq in places], RANGE_BATCH):
            with reads():
                cursor = self._entries.find({"_id": {"$in": chunk}})
                found += [entry_of(document) for document in await cursor.to_list(len(chunk))]
        return found

    async def entry_by_client_id(self, author: Person, client_id: str, conversation_id: str) -> Entry | None:
        key = {"author.id": author.id, "client_id": client_id, "conversation": conversation_id}
        with reads():
            document = await self._entries.find_one(key)
        return entry_of(document) if document else None

    async def entry_in_any_conversation(self, site: str, author: Person, client_id: str) -> Entry | None:
        key = {"author.id": author.id, "client_id": client_id, "site": site, "author.kind": author.kind}
        with reads():
            document = await self._entries.find_one(key)
        return entry_of(document) if document else None

    async def heads_ahead(self, site: str, cursors: Mapping[str, int]) -> dict[str, LogHead]:
        ahead: dict[str, int] = {}
        for chunk in _chunks(list(cursors.items()), RANGE_BATCH):
            pipeline: list[Document] = [
                {"$match": _after_any(chunk)},
                # Only ids, so the index answers and no entry is read.
                {"$group": {"_id": {"$substrBytes": ["$_id", 0, 32]}, "last": {"$max": "$_id"}}},
            ]
            with reads():
                found = await self._entries.aggregate(pipeline).to_list(None)
            ahead.update({document["_id"]: int(document["last"].rpartition(".")[2]) for document in found})
        return await self._of_site(site, ahead)

    async def _of_site(self, site: str, heads: dict[str, int]) -> dict[str, LogHead]:
        ours: dict[str, LogHead] = {}
        for chunk in _chunks(list(heads), RANGE_BATCH):
            with reads():
                cursor = self._conversations.find({"_id": {"$in": chunk}, "site": site}, {"epoch": 1})
                for document in await cursor.to_list(None):
                    ours[document["_id"]] = LogHead(document.get("epoch", FIRST_EPOCH), heads[document["_id"]])
        return ours

    async def reserve(self, state: State) -> bool:
        try:
            with writes():
                await self._conversations.insert_one(reserved_document(state))
        except DuplicateKeyError:
            return False
        return True

    async def project(self, states: Sequence[State]) -> None:
        updates = [
            UpdateOne({"_id": state.id, "head": {"$lt": state.head}}, {"$set": state_fields(state)}) for state in states
        ]
        with writes():
            await self._conversations.bulk_write(updates, ordered=False)

    async def records(self, conversation_ids: Sequence[str]) -> list[ConversationRecord]:
        return await self._records({"_id": {"$in": list(conversation_ids)}}, len(conversation_ids))

    async def open_of_visitor(self, site: str, visitor_id: str) -> State | None:
        found = await self._records({"site": site, "visitor.id": visitor_id, "open": True}, 1)
        return found[0].state if found else None

    async def open_of_visitors(self, site: str, visitor_ids: Sequence[str]) -> list[ConversationRecord]:
        query = {"site": site, "visitor.id": {"$in": list(visitor_ids)}, "open": True}
        return await self._records(query, len(visitor_ids))

    async def open_of_agents(self, site: str, agent_ids: Sequence[str]) -> list[ConversationRecord]:
        return await self._records({"site": site, "assignee.id": {"$in": list(agent_ids)}, "open": True}, MAX_OPEN)

    async def newest_closed(self, site: str, visitor_ids: Sequence[str]) -> list[ConversationRecord]:
        chunks = _chunks(list(visitor_ids), RANGE_BATCH)
        return [record for chunk in chunks for record in await self._newest_closed(site, chunk)]

    async def _newest_closed(self, site: str, visitor_ids: list[str]) -> list[ConversationRecord]:
        pipeline: list[Document] = [
            {"$match": {"site": site, "visitor.id": {"$in": visitor_ids}, "status": CLOSED}},
            {"$sort": {"visitor.id": 1, "started_at": -1, "_id": -1}},
            {"$group": {"_id": "$visitor.id", "newest": {"$first": "$$ROOT"}}},
            {"$unset": ["newest.words", "newest.seqs"]},
        ]
        with reads():
            # Without the hint the planner may sort all closed conversations of the site.
            found = await self._conversations.aggregate(pipeline, hint="newest_of_visitor").to_list(None)
        return [record_of(document["newest"]) for document in found]

    async def waiting(self, site: str) -> list[ConversationRecord]:
        oldest_first = [("started_at", ASCENDING), ("_id", ASCENDING)]
        return await self._records({"site": site, "status": WAITING}, MAX_WAITING, oldest_first)

    async def open_by_status(self, site: str | None = None) -> dict[str, int]:
        """Reads the site's part of the smallest index over open conversations, or the whole of it."""
        of_site = {} if site is None else {"site": site}
        pipeline: list[Document] = [
            {"$match": {**of_site, "open": True, "head": {"$gt": 0}}},
            {"$group": {"_id": "$status", "count": {"$sum": 1}}},
        ]
        with reads():
            found = await self._conversations.aggregate(pipeline, hint="open_of_agent").to_list(None)
        return {document["_id"]: document["count"] for document in found}

    async def list_page(self, filters: ListFilters, after: ListPosition | None, limit: int) -> list[ConversationRecord]:
        return await self._records(list_query(filters, after), limit, NEWEST_FIRST)

    async def started_by_visitor(self, site: str, visitor_id: str) -> int:
        begun = {"site": site, "visitor.id": visitor_id, "started_by": "visitor", "head": {"$gt": 0}}
        with reads():
            return await self._conversations.count_documents(begun)

    async def newest_starts(self, site: str, visitor_id: str, after_ms: int, limit: int) -> list[int]:
        started = {
            "site": site,
            "visitor.id": visitor_id,
            "started_by": "visitor",
            "started_at": {"$gt": after_ms},
        }
        with reads():
            cursor = self._conversations.find(started, {"started_at": 1}).sort(NEWEST_FIRST).limit(limit)
            return [document["started_at"] for document in await cursor.to_list(limit)]

    async def raise_marks(self, marks: Sequence[ReadMark]) -> list[bool]:
        ids = list({mark.conversation_id for mark in marks})
        with reads():
            documents = await self._conversations.find({"_id": {"$in": ids}}, {"reads": 1}).to_list(None)
        stored = {document["_id"]: document.get("reads", {}) for document in documents}
        rises = [stored.get(mark.conversation_id, {}).get(reader_key(mark.reader), 0) < mark.seq for mark in marks]
        updates = [
            # `$max`, because another process may have raised it since the read.
            UpdateOne({"_id": mark.conversation_id}, {"$max": {f"reads.{reader_key(mark.reader)}": mark.seq}})
            for mark, rose in zip(marks, rises, strict=True)
            if rose
        ]
        if updates:
            with writes():
                await self._conversations.bulk_write(updates, ordered=False)
        return rises

    async def set_flagged(self, site: str, conversation_id: str, flagged: bool) -> bool:
        begun = {"_id": conversation_id, "site": site, "head": {"$gt": 0}}
        with writes():
            result = await self._conversations.update_one(begun, {"$set": {"flagged": flagged}})
        return result.matched_count == 1

    async def unpublished_facts(self, before_ms: int, limit: int) -> list[Entry]:
        flagged = {"outbox": True, "at": {"$lt": before_ms}}
        with reads():
            cursor = self._entries.find(flagged, {"text": 0}).sort("at", ASCENDING).limit(limit)
            return [entry_of(document) for document in await cursor.to_list(limit)]

    async def mark_published(self, entry: Entry) -> None:
        key = {"_id": entry_id(entry.conversation_id, entry.seq)}
        with writes():
            await self._entries.update_one(key, {"$unset": {"outbox": ""}})

    async def _records(
        self, query: Document, limit: int, order: Sequence[tuple[str, int]] | None = None
    ) -> list[ConversationRecord]:
        with reads():
            cursor = self._conversations.find(query, WITHOUT_TERMS).limit(limit)
            if order is not None:
                cursor = cursor.sort(list(order))
            return [record_of(document) for document in await cursor.to_list(limit)]


def _insert_of(error: Document) -> InsertOutcome:
    if error.get("code") != DUPLICATE_KEY:
        return InsertOutcome.UNKNOWN
    return InsertOutcome.TAIL_TAKEN if "_id" in error.get("keyPattern", {}) else InsertOutcome.CLIENT_ID_TAKEN


def _after_any(cursors: Sequence[tuple[str, int]]) -> Document:
    return {"$or": [{"_id": range_after(conversation_id, seq)} for conversation_id, seq in cursors]}


def _chunks(items: list[ItemT], size: int) -> Iterator[list[ItemT]]:
    return (items[start : start + size] for start in range(0, len(items), size))
