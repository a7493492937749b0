"""Search of closed conversations by terms, which are in the conversation's document, computed once from the log.

An index over (site, term, newest first) gives a page in order without a sort, whatever the number of matches. Further terms and filters
are checked on a bounded number of documents.
"""

from collections.abc import Sequence

from kit.mongo import Collection, Database, Document
from kit.text.search_terms import TERMS_VERSION
from services.chat.ports import ListFilters, ListPosition, SearchPage
from services.chat.store.documents import record_of
from services.chat.store.errors import reads, writes
from services.chat.store.filters import WITHOUT_TERMS, list_query
from services.chat.store.indexes import NEWEST_FIRST

# Conversations that one search step reads: about 50 ms of the database's time when all are in memory.
MAX_SEARCHED = 5000
# Below every conversation id, so that a position with it is behind all conversations of its millisecond.
LOWEST_ID = "0" * 32


class SearchStore:
    """Uses the `conversations` collection; ChatStore does not touch the fields `words` and `filed`."""

    def __init__(
        self, database: Database, *, max_searched: int = MAX_SEARCHED, terms_version: int = TERMS_VERSION
    ) -> None:
        self._conversations: Collection = database["conversations"]
        self._max_searched = max_searched
        self._terms_version = terms_version

    async def search(self, filters: ListFilters, after: ListPosition | None, limit: int) -> SearchPage:
        times = ListFilters(filters.site, from_ms=filters.from_ms, to_ms=filters.to_ms)
        candidates = {**list_query(times, after), "words": filters.search_terms[0]}
        oldest_ms = await self._search_bound(candidates)
        candidates["started_at"] = {**candidates.get("started_at", {}), "$gte": max(oldest_ms, filters.from_ms)}
        pipeline: list[Document] = [
            {"$match": candidates},
            {"$sort": dict(NEWEST_FIRST)},
            # Keeps the stages apart: the first term alone decides what is read.
            {"$limit": 2 * self._max_searched},
            {"$match": {**list_query(filters, None), "words": {"$all": list(filters.search_terms)}}},
            {"$limit": limit},
            {"$project": WITHOUT_TERMS},
        ]
        with reads():
            found = await self._conversations.aggregate(pipeline).to_list(limit)
        stopped = oldest_ms > 0 and len(found) < limit
        return SearchPage(
            [record_of(document) for document in found], ListPosition(oldest_ms, LOWEST_ID) if stopped else None
        )

    async def _search_bound(self, candidates: Document) -> int:
        """Oldest start time of this step, from the index alone. 0: the step reaches the end."""
        times = {"started_at": candidates["started_at"]} if "started_at" in candidates else {}
        keys = {"site": candidates["site"], "words": candidates["words"], **times}
        with reads():
            cursor = self._conversations.find(keys, {"started_at": 1, "_id": 0}).sort(NEWEST_FIRST)
            beyond = await cursor.skip(self._max_searched).limit(1).to_list(1)
        return int(beyond[0]["started_at"]) if beyond else 0

    async def unindexed(self, limit: int) -> list[str]:
        waiting = {"open": False, "filed": {"$in": [None, *range(1, self._terms_version)]}}
        with reads():
            found = await self._conversations.find(waiting, {"_id": 1}).limit(limit).to_list(limit)
        return [document["_id"] for document in found]

    async def index(self, conversation_id: str, terms: Sequence[str]) -> None:
        closed = {"_id": conversation_id, "open": False}
        indexed = {"$set": {"words": list(terms), "filed": self._terms_version}}
        with writes():
            await self._conversations.update_one(closed, indexed)
