"""Closed conversations by their words: each has them in its document, filed once, from the log.

An index over (site, word, newest first) gives a page in its order without sorting, whatever the number of matches. Further words and filters
are looked at on the way, on a bounded number of documents.
"""

from collections.abc import Sequence

from pymongo.errors import PyMongoError

from kit.mongo import Collection, Database, Document
from services.chat.ports import Filters, Found, Position
from services.chat.store.documents import record_of
from services.chat.store.errors import failed_write, reading
from services.chat.store.filters import BRIEF, list_filter
from services.chat.store.indexes import NEWEST_FIRST

# Conversations that one look into the words reads: some 50 ms of the database's time where all are in memory.
SEARCHED = 5000
# Which rules the words of a document were made by; a higher one has all of them filed anew.
FILED = 1
# Below every conversation's id, so that a position with it stands behind all of its millisecond.
FIRST_ID = "0" * 32


class SearchStore:
    """The same `conversations` that the store projects to; it leaves these fields alone."""

    def __init__(self, database: Database) -> None:
        self._conversations: Collection = database["conversations"]

    async def searched(self, filters: Filters, after: Position | None, limit: int) -> Found:
        times = Filters(filters.site, from_ms=filters.from_ms, to_ms=filters.to_ms)
        candidates = {**list_filter(times, after), "words": filters.words[0]}
        oldest_ms = await self._search_bound(candidates)
        candidates["started_at"] = {**candidates.get("started_at", {}), "$gte": max(oldest_ms, filters.from_ms)}
        pipeline: list[Document] = [
            {"$match": candidates},
            {"$sort": dict(NEWEST_FIRST)},
            # Keeps the stages apart: the first word alone decides what is read.
            {"$limit": 2 * SEARCHED},
            {"$match": {**list_filter(filters, None), "words": {"$all": list(filters.words)}}},
            {"$limit": limit},
            {"$project": BRIEF},
        ]
        with reading():
            found = await self._conversations.aggregate(pipeline).to_list(limit)
        cut = oldest_ms > 0 and len(found) < limit
        return Found([record_of(document) for document in found], Position(oldest_ms, FIRST_ID) if cut else None)

    async def _search_bound(self, candidates: Document) -> int:
        """Where one look ends: answered by the index alone. 0: it reaches to the end of all."""
        times = {"started_at": candidates["started_at"]} if "started_at" in candidates else {}
        keys = {"site": candidates["site"], "words": candidates["words"], **times}
        with reading():
            cursor = self._conversations.find(keys, {"started_at": 1, "_id": 0}).sort(NEWEST_FIRST)
            beyond = await cursor.skip(SEARCHED).limit(1).to_list(1)
        return int(beyond[0]["started_at"]) if beyond else 0

    async def unfiled(self, limit: int) -> list[str]:
        waiting = {"open": False, "filed": {"$in": [None, *range(1, FILED)]}}
        with reading():
            found = await self._conversations.find(waiting, {"_id": 1}).limit(limit).to_list(limit)
        return [document["_id"] for document in found]

    async def file(self, conversation: str, words: Sequence[str]) -> None:
        closed = {"_id": conversation, "open": False}
        try:
            await self._conversations.update_one(closed, {"$set": {"words": list(words), "filed": FILED}})
        except PyMongoError as error:
            raise failed_write(error) from error
