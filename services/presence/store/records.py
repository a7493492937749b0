"""Records of visitors or agents in one collection. A write names the `writes` count that it was decided on, so a late writer fails.

Only changed fields are written.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic

import msgspec
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError

from kit.mongo import Collection, Document
from kit.text.search_terms import index_terms
from services.presence.domain.agent import Agent
from services.presence.domain.visitor import IDLE_MS, Visitor
from services.presence.ports import StateT
from services.presence.store.errors import refusing

DUPLICATE_KEY = 11000
# More than a name and an address can hold.
MAX_TERMS = 200
# These are long, and no part of a row.
WITHOUT_PROFILE = {"notes": 0, "bio": 0, "fields": 0}


class StateCollection(Generic[StateT]):
    """Implements `StateRecords`."""

    def __init__(self, collection: Collection, state_type: type[StateT]) -> None:
        self._collection = collection
        self._type: type[StateT] = state_type

    async def read(self, keys: Iterable[str], *, profile: bool = False) -> dict[str, StateT]:
        fields = None if profile else WITHOUT_PROFILE
        return await self._states({"_id": {"$in": list(keys)}}, fields)

    async def write(self, changes: Sequence[tuple[StateT | None, StateT]]) -> bool:
        writes = [_write(before, after) for before, after in changes]
        with refusing():
            try:
                result = await self._collection.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                if any(item["code"] != DUPLICATE_KEY for item in error.details["writeErrors"]):
                    raise
                return False
        return result.matched_count + result.inserted_count == len(writes)

    async def due(self, now: int, limit: int) -> dict[str, StateT]:
        query: Document = {"leaves_at": {"$lte": now}}
        if self._type is Visitor:
            newly_idle = {"online.idle": False, "online.active_at": {"$lte": now - IDLE_MS}}
            query = {"$or": [{"online.leaves_at": {"$lte": now}}, newly_idle]}
        return await self._states(query, WITHOUT_PROFILE, limit)

    async def holding(self, lease_ids: Iterable[str], limit: int) -> dict[str, StateT]:
        return await self._states({"sockets.live.lease": {"$in": list(lease_ids)}}, WITHOUT_PROFILE, limit)

    async def of_site(self, site: str) -> list[StateT]:
        return list((await self._states({"site": site}, None)).values())

    async def _states(self, query: Document, fields: Mapping[str, int] | None, limit: int = 0) -> dict[str, StateT]:
        with refusing():
            documents = await self._collection.find(query, fields, limit=limit).to_list(None)
        return {document["_id"]: msgspec.convert(document, self._type) for document in documents}


def _write(before: Visitor | Agent | None, after: Visitor | Agent) -> InsertOne[Document] | UpdateOne:
    if before is None:
        return InsertOne({"_id": after.key, **_document(after)})
    old, new = _document(before), _document(after)
    changes: Document = {}
    if changed := {field: value for field, value in new.items() if old.get(field) != value}:
        changes["$set"] = changed
    if removed := old.keys() - new.keys():
        changes["$unset"] = dict.fromkeys(removed, "")
    return UpdateOne({"_id": before.key, "writes": before.writes}, changes)


def _document(state: Visitor | Agent) -> Document:
    document: Document = msgspec.to_builtins(state)
    if isinstance(state, Visitor) and (state.name or state.email):
        document |= search_terms_update(document)
    return document


def changed_search_terms(visitor: Document) -> Document | None:
    """For a migration: the search terms of a stored visitor that has some."""
    return search_terms_update(visitor) if "words" in visitor else None


def search_terms_update(visitor: Document) -> Document:
    """The stored search terms of a visitor's document."""
    return {"words": index_terms([visitor.get("name", ""), visitor.get("email", "")], MAX_TERMS)}
