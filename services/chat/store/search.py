"""Search of closed conversations by terms, which are in the conversation's document, computed once from the log.

An index over (site, term, newest first) gives a page in order without a sort, whatever the number of matches. Further terms and filters
are checked on a bounded number of documents.
"""

from collections.abc import Mapping

from kit.migration import Progress
from kit.mongo import Collection, Database, Document
from kit.text.search_terms import TERMS_VERSION
from services.chat.metrics import MIGRATION
from services.chat.ports import ListFilters, ListPosition, SearchMatch, SearchPage
from services.chat.store.documents import record_of
from services.chat.store.errors import reads, writes
from services.chat.store.filters import list_query
from services.chat.store.indexes import NEWEST_FIRST

# Conversations that one search step reads: about 50 ms of the database's time when all are in memory.
MAX_SEARCHED = 5000
# Version of what `index` stores; it rises with the rules of the terms.
INDEX_VERSION = TERMS_VERSION + 1
# Index keys that a count of the work list reads: some tens of milliseconds.
MAX_COUNTED = 100_000
# Below every conversation id, so that a position with it is behind all conversations of its millisecond.
LOWEST_ID = "0" * 32


class SearchStore:
    """Uses the `conversations` collection; ChatStore does not touch the fields `words`, `seqs` and `filed`.

    `seqs` has for each of the `words` the first entry whose text has it; 0 when only a name has it.
    """

    def __init__(
        self, database: Database, *, max_searched: int = MAX_SEARCHED, index_version: int = INDEX_VERSION
    ) -> None:
        self._conversations: Collection = database["conversations"]
        self._max_searched = max_searched
        self._index_version = index_version

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
            {"$set": {"hit_seqs": [_seq_of(term) for term in filters.search_terms]}},
            {"$unset": ["words", "seqs"]},
        ]
        with reads():
            found = await self._conversations.aggregate(pipeline).to_list(limit)
        stopped = oldest_ms > 0 and len(found) < limit
        return SearchPage(
            [_match_of(document) for document in found], ListPosition(oldest_ms, LOWEST_ID) if stopped else None
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
        waiting = {"open": False, "filed": {"$in": [None, *range(1, self._index_version)]}}
        with reads():
            found = await self._conversations.find(waiting, {"_id": 1}).limit(limit).to_list(limit)
        return [document["_id"] for document in found]

    async def outdated(self) -> int:
        made_before = {"open": False, "filed": {"$in": list(range(1, self._index_version))}}
        with reads():
            return await self._conversations.count_documents(made_before, limit=MAX_COUNTED)

    async def progress(self) -> Progress:
        """The migration to the current rules, which every chat process does in the background."""
        left = await self.outdated()
        with reads():
            return Progress(MIGRATION, left, await self._conversations.estimated_document_count())

    async def index(self, conversation_id: str, terms: Mapping[str, int]) -> None:
        closed = {"_id": conversation_id, "open": False}
        fields = {"words": list(terms), "seqs": list(terms.values()), "filed": self._index_version}
        with writes():
            await self._conversations.update_one(closed, {"$set": fields})


def _seq_of(term: str) -> Document:
    """The first entry with the term; null in a document of an earlier version, which has no `seqs`."""
    return {"$arrayElemAt": ["$seqs", {"$indexOfArray": ["$words", {"$literal": term}]}]}


def _match_of(document: Document) -> SearchMatch:
    return SearchMatch(record_of(document), tuple(seq or 0 for seq in document["hit_seqs"]))
