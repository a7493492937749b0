"""The presence database: `visitors`, `agents` and the leases of `gateways`."""

from collections.abc import AsyncIterator, Sequence

import msgspec
from pymongo import ASCENDING, DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from kit.migration import Migration
from kit.mongo import Database, Document
from kit.text.search_terms import TERMS_VERSION
from services.presence.domain.agent import Agent
from services.presence.domain.leases import LAPSED_RETENTION_MS, Lease, lease_end, new_lease
from services.presence.domain.visitor import Visitor, record_key
from services.presence.store.errors import refusing
from services.presence.store.indexes import AGENT_INDEXES, VISITOR_INDEXES
from services.presence.store.records import WITHOUT_PROFILE, StateCollection, changed_search_terms

# Rows decoded before the event loop runs other tasks: a millisecond or two.
ROWS_BATCH = 200
_ROW_ONLY = {**WITHOUT_PROFILE, "pages": 0, "sockets": 0}
_LISTED = {"notes": 0, "fields": 0, "pages": 0, "sockets": 0}


class PresenceStore:
    """Implements `PresenceRecords`."""

    def __init__(self, database: Database) -> None:
        self._visitors = database["visitors"]
        self._agents = database["agents"]
        self._gateways = database["gateways"]
        self.visitors = StateCollection(self._visitors, Visitor)
        self.agents = StateCollection(self._agents, Agent)
        # Stores the search terms of the current rules.
        terms = Migration(
            self._visitors, "visitor_terms", TERMS_VERSION, ("name", "email", "words"), changed_search_terms
        )
        self.migrations = (terms,)

    async def ensure_indexes(self) -> None:
        """Idempotent, and safe beside running processes."""
        await self._visitors.create_indexes(VISITOR_INDEXES)
        await self._agents.create_indexes(AGENT_INDEXES)

    async def online(self, site: str) -> AsyncIterator[list[Visitor]]:
        query = {"site": site, "online": {"$exists": True}}
        with refusing():
            cursor = self._visitors.find(query, _ROW_ONLY, batch_size=ROWS_BATCH)
            while documents := await cursor.to_list(ROWS_BATCH):
                yield [msgspec.convert(document, Visitor) for document in documents]

    async def online_page(self, site: str, after: str, limit: int) -> list[Visitor]:
        query = {"site": site, "online": {"$exists": True}, "_id": {"$gt": record_key(site, after)}}
        with refusing():
            # Without the hint the planner may choose the index of `_id` and read every visitor that ever came.
            cursor = self._visitors.find(query, _ROW_ONLY, batch_size=ROWS_BATCH, hint="online_by_id").sort(
                "_id", ASCENDING
            )
            documents = await cursor.limit(limit).to_list(None)
        return [msgspec.convert(document, Visitor) for document in documents]

    async def gone_since(self, site: str, at: int) -> list[tuple[str, int]]:
        query = {"site": site, "last_seen": {"$gte": at}, "online": {"$exists": False}}
        with refusing():
            documents = await self._visitors.find(query, {"visitor": 1, "rev": 1}).to_list(None)
        return [(document["visitor"], document["rev"]) for document in documents]

    async def online_by_site(self) -> dict[str, int]:
        stages: list[Document] = [
            {"$match": {"online": {"$exists": True}}},
            {"$group": {"_id": "$site", "visitors": {"$sum": 1}}},
        ]
        with refusing():
            documents = await self._visitors.aggregate(stages, hint="online_by_id").to_list(None)
        return {document["_id"]: document["visitors"] for document in documents}

    async def sites_with_agents(self) -> list[str]:
        with refusing():
            return list(await self._agents.distinct("site"))

    async def last_seen(self, site: str, before: tuple[int, str] | None, limit: int) -> list[Visitor]:
        query: Document = {"site": site}
        if before is not None:
            at, key = before
            query["$or"] = [{"last_seen": {"$lt": at}}, {"last_seen": at, "_id": {"$lt": key}}]
        order = [("last_seen", DESCENDING), ("_id", DESCENDING)]
        with refusing():
            documents = await self._visitors.find(query, _LISTED, sort=order, limit=limit).to_list(None)
        return [msgspec.convert(document, Visitor) for document in documents]

    async def find(self, site: str, search_terms: Sequence[str], limit: int) -> list[str]:
        query: Document = {"site": site, "words": {"$all": list(search_terms)}}
        with refusing():
            found = self._visitors.find(query, {"visitor": 1}, sort=[("last_seen", DESCENDING)], limit=limit)
            return [document["visitor"] for document in await found.to_list(limit)]

    async def names(self, keys: Sequence[str]) -> dict[str, str]:
        with refusing():
            documents = await self._visitors.find({"_id": {"$in": list(keys)}}, {"visitor": 1, "name": 1}).to_list(None)
            return {document["visitor"]: document.get("name", "") for document in documents}

    async def renew_lease(self, gateway_id: str, now: int) -> Lease:
        while True:
            try:
                return await self._renew_lease(gateway_id, now)
            except DuplicateKeyError:
                continue  # a concurrent call of this gateway has inserted the lease

    async def lapsed_leases(self, now: int) -> frozenset[str]:
        """Ids of all lapsed leases that are not deleted yet."""
        with refusing():
            documents = await self._gateways.find({}).to_list(None)
        lapsed = {lease_id for document in documents for lease_id in document["lapsed"]}
        return frozenset(lapsed | {document["lease"] for document in documents if document["until"] <= now})

    async def delete_lapsed(self, now: int) -> int:
        old = {"$lte": now - LAPSED_RETENTION_MS}
        with refusing():
            # A lease lapses before the next one of its gateway begins.
            await self._gateways.update_many({"since": old, "lapsed.0": {"$exists": True}}, {"$set": {"lapsed": []}})
            return (await self._gateways.delete_many({"until": old})).deleted_count

    async def _renew_lease(self, gateway_id: str, now: int) -> Lease:
        with refusing():
            document = await self._gateways.find_one_and_update(
                {"_id": gateway_id, "until": {"$gt": now}},
                {"$max": {"until": lease_end(now)}},
                return_document=ReturnDocument.AFTER,
            )
            if document:
                return Lease(document["lease"], document["since"])
            # Never cut to a length: a connection of a forgotten lease would stay for ever.
            lapsed = {"$concatArrays": [{"$ifNull": ["$lapsed", []]}, {"$cond": ["$lease", ["$lease"], []]}]}
            lease = new_lease(gateway_id, now)
            await self._gateways.update_one(
                {"_id": gateway_id, "until": {"$lte": now}},
                [
                    {"$set": {"lapsed": lapsed}},
                    {"$set": {"lease": lease.id, "since": now, "until": lease_end(now)}},
                ],
                upsert=True,
            )
        return lease
