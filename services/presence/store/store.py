"""Presence in MongoDB: one document a visitor, one an agent, one a gateway; the only place here that knows the driver.

A write names the count of `writes` it was decided on, so of two writers one finds out that it was late. Only the fields that changed are
written. A failure of the database is Refused(retry): the outcome is unknown, and everything here may be done again.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel, InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from kit.codes import Code, Refused
from kit.mongo import Collection, Database, Document, outcome_unknown
from kit.text.search_terms import index_terms
from services.presence.domain.agent import Agent
from services.presence.domain.leases import KEPT_MS, Lease, lease_of, until_of
from services.presence.domain.visitor import IDLE_MS, Visitor, key_of

StateT = TypeVar("StateT", Visitor, Agent)

_DUPLICATE_KEY = 11000
# Rows read before others get their turn: a millisecond or two of decoding.
_CHUNK = 200
# Not part of a row, and of any length.
_WITHOUT_PROFILE = {"notes": 0, "bio": 0}
_ROW_ONLY = {**_WITHOUT_PROFILE, "pages": 0, "sockets": 0}
_LISTED = {"notes": 0, "pages": 0, "sockets": 0}
_RETRY_MS = 1000
# More than a name and an address can hold.
_WORDS_LIMIT = 200


class Table(Generic[StateT]):
    """The records of visitors, or those of agents."""

    def __init__(self, collection: Collection, kind: type[StateT]) -> None:
        self._collection = collection
        self._kind: type[StateT] = kind

    async def read(self, keys: Iterable[str], *, profile: bool = False) -> dict[str, StateT]:
        """Those of the keys that exist; without notes and bio unless `profile`."""
        fields = None if profile else _WITHOUT_PROFILE
        return await self._states({"_id": {"$in": list(keys)}}, fields)

    async def write(self, changes: Sequence[tuple[StateT | None, StateT]]) -> bool:
        """Writes each (before, after) if `before` still stands, None being nothing. True: all of them; False: some, the reader knows which."""
        writes = [_write(before, after) for before, after in changes]
        with _refusing():
            try:
                result = await self._collection.bulk_write(writes, ordered=False)
            except BulkWriteError as error:
                if any(item["code"] != _DUPLICATE_KEY for item in error.details["writeErrors"]):
                    raise
                return False
        return result.matched_count + result.inserted_count == len(writes)

    async def due(self, now: int, limit: int) -> dict[str, StateT]:
        """Whose time has come: lingered out, or newly idle."""
        left: Document = {"leaves_at": {"$lte": now}}
        if self._kind is Visitor:
            still = {"online.idle": False, "online.active_at": {"$lte": now - IDLE_MS}}
            left = {"$or": [{"online.leaves_at": {"$lte": now}}, still]}
        return await self._states(left, _WITHOUT_PROFILE, limit)

    async def holding(self, leases: Iterable[str], limit: int) -> dict[str, StateT]:
        """Whose sockets hang on one of these leases."""
        return await self._states({"sockets.live.lease": {"$in": list(leases)}}, _WITHOUT_PROFILE, limit)

    async def of_site(self, site: str) -> list[StateT]:
        return list((await self._states({"site": site}, None)).values())

    async def _states(
        self, query: Mapping[str, Any], fields: Mapping[str, int] | None, limit: int = 0
    ) -> dict[str, StateT]:
        with _refusing():
            documents = await self._collection.find(query, fields, limit=limit).to_list(None)
        return {document["_id"]: msgspec.convert(document, self._kind) for document in documents}


class Store:
    """The database of presence."""

    def __init__(self, database: Database) -> None:
        self._visitors = database["visitors"]
        self._agents = database["agents"]
        self._gateways = database["gateways"]
        self.visitors = Table(self._visitors, Visitor)
        self.agents = Table(self._agents, Agent)

    async def prepare(self) -> None:
        """Makes the indexes that are missing."""
        online = {"online": {"$exists": True}}
        await self._visitors.create_indexes(
            [
                IndexModel(
                    [("site", ASCENDING), ("_id", ASCENDING)], name="online_by_id", partialFilterExpression=online
                ),
                IndexModel([("online.leaves_at", ASCENDING)], name="leaving", sparse=True),
                IndexModel(
                    [("online.active_at", ASCENDING)], name="active", partialFilterExpression={"online.idle": False}
                ),
                IndexModel([("sockets.live.lease", ASCENDING)], name="leases", sparse=True),
                IndexModel([("site", ASCENDING), ("last_seen", DESCENDING), ("_id", DESCENDING)], name="seen"),
                # Of those whom somebody gave a name or an address; the others cost it nothing.
                IndexModel(
                    [("site", ASCENDING), ("words", ASCENDING), ("last_seen", DESCENDING)],
                    name="words",
                    partialFilterExpression={"words": {"$exists": True}},
                ),
            ]
        )
        await self._agents.create_indexes(
            [
                IndexModel([("site", ASCENDING)], name="site"),
                IndexModel([("leaves_at", ASCENDING)], name="leaving", sparse=True),
                IndexModel([("sockets.live.lease", ASCENDING)], name="leases", sparse=True),
            ]
        )

    async def online(self, site: str) -> AsyncIterator[list[Visitor]]:
        """Everyone online of a site, in chunks; without pages, sockets and profile texts."""
        query = {"site": site, "online": {"$exists": True}}
        with _refusing():
            cursor = self._visitors.find(query, _ROW_ONLY, batch_size=_CHUNK)
            while documents := await cursor.to_list(_CHUNK):
                yield [msgspec.convert(document, Visitor) for document in documents]

    async def online_page(self, site: str, after: str, limit: int) -> list[Visitor]:
        """As `online`, by their ids, from after this one on."""
        query = {"site": site, "online": {"$exists": True}, "_id": {"$gt": key_of(site, after)}}
        with _refusing():
            # By the index of those online, which has their order; the other way is to read everybody who ever came.
            cursor = self._visitors.find(query, _ROW_ONLY, batch_size=_CHUNK, hint="online_by_id").sort(
                "_id", ASCENDING
            )
            documents = await cursor.limit(limit).to_list(None)
        return [msgspec.convert(document, Visitor) for document in documents]

    async def gone_since(self, site: str, at: int) -> list[tuple[str, int]]:
        """(visitor, rev) of those who are not online and were last seen at `at` or later."""
        query = {"site": site, "last_seen": {"$gte": at}, "online": {"$exists": False}}
        with _refusing():
            documents = await self._visitors.find(query, {"visitor": 1, "rev": 1}).to_list(None)
        return [(document["visitor"], document["rev"]) for document in documents]

    async def online_by_site(self) -> dict[str, int]:
        """How many visitors are online on each site."""
        stages: list[Document] = [
            {"$match": {"online": {"$exists": True}}},
            {"$group": {"_id": "$site", "visitors": {"$sum": 1}}},
        ]
        with _refusing():
            documents = await self._visitors.aggregate(stages, hint="online_by_id").to_list(None)
        return {document["_id"]: document["visitors"] for document in documents}

    async def sites_with_agents(self) -> list[str]:
        """The sites where somebody may watch."""
        with _refusing():
            return list(await self._agents.distinct("site"))

    async def seen(self, site: str, before: tuple[int, str] | None, limit: int) -> list[Visitor]:
        """Visitors of a site by last seen, newest first, from after `before`: (last_seen, key)."""
        query: Document = {"site": site}
        if before is not None:
            last_seen, key = before
            query["$or"] = [{"last_seen": {"$lt": last_seen}}, {"last_seen": last_seen, "_id": {"$lt": key}}]
        order = [("last_seen", DESCENDING), ("_id", DESCENDING)]
        with _refusing():
            documents = await self._visitors.find(query, _LISTED, sort=order, limit=limit).to_list(None)
        return [msgspec.convert(document, Visitor) for document in documents]

    async def named(self, site: str, words: Sequence[str], limit: int) -> list[str]:
        """Visitors whose name and address hold all these words, newest seen first."""
        query: Document = {"site": site, "words": {"$all": list(words)}}
        with _refusing():
            found = self._visitors.find(query, {"visitor": 1}, sort=[("last_seen", DESCENDING)], limit=limit)
            return [document["visitor"] for document in await found.to_list(limit)]

    async def names(self, keys: Sequence[str]) -> dict[str, str]:
        """By visitor; empty for who gave none."""
        with _refusing():
            documents = await self._visitors.find({"_id": {"$in": list(keys)}}, {"visitor": 1, "name": 1}).to_list(None)
            return {document["visitor"]: document.get("name", "") for document in documents}

    async def renew(self, gateway: str, now: int) -> Lease:
        """The gateway's lease, prolonged; a new one when it had none or it has lapsed."""
        while True:
            try:
                return await self._renew(gateway, now)
            except DuplicateKeyError:
                continue  # the same gateway's other call made the new lease meanwhile

    async def leases_lapsed(self, now: int) -> frozenset[str]:
        """Every lease that has run out lately; sockets may hang on them."""
        with _refusing():
            documents = await self._gateways.find({}).to_list(None)
        lapsed = {lease for document in documents for lease in document["lapsed"]}
        return frozenset(lapsed | {document["lease"] for document in documents if document["until"] <= now})

    async def forget_gateways(self, now: int) -> int:
        """Deletes leases that lapsed so long before `now` that no report under way names them. Returns the count of gateways.

        Call it only after every connection of the leases lapsed at `now` is cut.
        """
        old = {"$lte": now - KEPT_MS}
        with _refusing():
            await self._gateways.update_many({"since": old, "lapsed.0": {"$exists": True}}, {"$set": {"lapsed": []}})
            return (await self._gateways.delete_many({"until": old})).deleted_count

    async def _renew(self, gateway: str, now: int) -> Lease:
        with _refusing():
            document = await self._gateways.find_one_and_update(
                {"_id": gateway, "until": {"$gt": now}},
                {"$max": {"until": until_of(now)}},
                return_document=ReturnDocument.AFTER,
            )
            if document:
                return Lease(document["lease"], document["since"])
            lapsed = {"$concatArrays": [{"$ifNull": ["$lapsed", []]}, {"$cond": ["$lease", ["$lease"], []]}]}
            lease = lease_of(gateway, now)
            await self._gateways.update_one(
                {"_id": gateway, "until": {"$lte": now}},
                [
                    {"$set": {"lapsed": lapsed}},
                    {"$set": {"lease": lease.lease, "since": now, "until": until_of(now)}},
                ],
                upsert=True,
            )
        return lease


def _write(before: Visitor | Agent | None, after: Visitor | Agent) -> InsertOne[Document] | UpdateOne:
    if before is None:
        return InsertOne({"_id": after.key, **_document(after)})
    old, new = _document(before), _document(after)
    changes: Document = {}
    if changed := {field: value for field, value in new.items() if old.get(field) != value}:
        changes["$set"] = changed
    if gone := old.keys() - new.keys():
        changes["$unset"] = dict.fromkeys(gone, "")
    return UpdateOne({"_id": before.key, "writes": before.writes}, changes)


def _document(state: Visitor | Agent) -> Document:
    document: Document = msgspec.to_builtins(state)
    if isinstance(state, Visitor) and (state.name or state.email):
        document["words"] = index_terms([state.name, state.email], _WORDS_LIMIT)
    return document


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except PyMongoError as error:
        if not outcome_unknown(error):
            raise
        raise Refused(Code.RETRY, "The database does not answer; the outcome is unknown.", _RETRY_MS) from error
