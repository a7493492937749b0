"""Feed: the facts of each site in one dense order, kept for seven days, for consumers that poll.

`_id` is the site and the fact's number. The next number is inserted only after a majority has the one before it, so that a reader that sees a
number has seen all before it. The newest fact of a site is never deleted: it holds the number.
"""

from collections.abc import Sequence

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from kit.mongo import Collection, Database, Document
from services.chat.ports import FeedPage
from services.chat.store.errors import reads, writes

KEPT_MS = 7 * 24 * 3600 * 1000
# Old facts are deleted at each number that is a multiple of the first, so many of them at most.
DELETE_EVERY, DELETE_BATCH = 100, 500
# Processes that publish for one site at the same moment insert one after the other.
MAX_ATTEMPTS = 100


class FeedStore:
    """Implements `ports.FactFeed`. ChatStore creates its index."""

    def __init__(self, database: Database) -> None:
        self._facts: Collection = database["feed"]

    async def add(self, site: str, fact_id: str, fact: bytes, at_ms: int) -> bool:
        for _ in range(MAX_ATTEMPTS):
            number = await self.last(site) + 1
            document = {"_id": _key(site, number), "fact_id": fact_id, "fact": fact, "at": at_ms}
            try:
                with writes():
                    await self._facts.insert_one(document)
            except DuplicateKeyError:
                if await self._has(fact_id):
                    return False
                continue
            if number % DELETE_EVERY == 0:
                await self._delete_old(site, at_ms - KEPT_MS)
            return True
        raise TimeoutError(f"the feed of {site} has too many writers")

    async def after(self, site: str, number: int, limit: int) -> FeedPage:
        with reads():
            found = await self._facts.find(_after(site, number)).sort("_id", ASCENDING).limit(limit).to_list(limit)
        numbers = [_number(document["_id"]) for document in found]
        return FeedPage(
            [document["fact"] for document in found], numbers[0] if found else 0, numbers[-1] if found else 0
        )

    async def last(self, site: str) -> int:
        with reads():
            found = await self._facts.find(_after(site, 0), {"_id": 1}).sort("_id", DESCENDING).limit(1).to_list(1)
        return _number(found[0]["_id"]) if found else 0

    async def _has(self, fact_id: str) -> bool:
        with reads():
            return await self._facts.find_one({"fact_id": fact_id}, {"_id": 1}) is not None

    async def _delete_old(self, site: str, before_ms: int) -> None:
        with reads():
            cursor = self._facts.find(_after(site, 0), {"at": 1}).sort("_id", ASCENDING).limit(DELETE_BATCH)
            oldest = await cursor.to_list(DELETE_BATCH)
        old: Sequence[str] = [document["_id"] for document in oldest if document["at"] < before_ms]
        with writes():
            await self._facts.delete_many({"_id": {"$in": old}})


def _key(site: str, number: int) -> str:
    return f"{site}.{number:015d}"


def _after(site: str, number: int) -> Document:
    """The facts of the site after this number. The slash is the character after the dot of a key."""
    return {"_id": {"$gt": _key(site, number), "$lt": f"{site}/"}}


def _number(key: str) -> int:
    return int(key.rpartition(".")[2])
