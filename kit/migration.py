"""Migrations: named changes of the documents of a collection, in small batches beside running services.

A migration is idempotent. After each batch it stores its position in the collection `migrations` of the database, so that the next process
continues after a kill. Processes may run it side by side.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Gauge
from pymongo import UpdateOne
from pymongo.errors import PyMongoError

from kit.codes import Refused
from kit.mongo import Collection, Document
from kit.runtime.logs import Log

# Documents of one batch: tens of milliseconds, so that calls go on beside it.
BATCH = 200
PAUSE_S = 0.05
# After a failure, such as a fail-over.
RETRY_S = 5.0


class Progress(NamedTuple):
    """How far a migration is: documents that are left, of all. Estimates; `left` is 0 only when nothing is left."""

    name: str
    left: int
    total: int


# Called after each batch.
Report = Callable[[Progress], None]


class _Position(NamedTuple):
    """What the database has of a migration. `after`: the last document that was examined, None at the beginning."""

    finished: bool
    after: object = None
    examined: int = 0


class Migration:
    """Sets the fields that `change` computes from `fields`, in every document, once per version.

    `change` returns None for a document that needs no change. A document whose `fields` change meanwhile is left to its writer.
    """

    def __init__(
        self,
        collection: Collection,
        name: str,
        version: int,
        fields: Sequence[str],
        change: Callable[[Document], Document | None],
        *,
        batch: int = BATCH,
        pause_s: float = PAUSE_S,
    ) -> None:
        self.name = name
        self._collection = collection
        self._marks = collection.database["migrations"]
        self._version = version
        self._fields = list(fields)
        self._change = change
        self._batch = batch
        self._pause_s = pause_s

    async def progress(self) -> Progress:
        """From the database: what all processes did."""
        return await self._progress(await self._position())

    async def run(self, report: Report = lambda _: None) -> int:
        """Continues at the stored position, to the end. Returns the number of documents that this call changed."""
        position, changed = await self._position(), 0
        while not position.finished:
            if batch := await self._after(position):
                changed += await self._write(batch)
                position = _Position(finished=False, after=batch[-1]["_id"], examined=position.examined + len(batch))
                await self._store(position)
                await asyncio.sleep(self._pause_s)
            else:
                position = _Position(finished=True)
                await self._finish()
            report(await self._progress(position))
        return changed

    async def _after(self, position: _Position) -> list[Document]:
        query: Document = {} if position.after is None else {"_id": {"$gt": position.after}}
        return await self._collection.find(query, self._fields).sort("_id", 1).limit(self._batch).to_list(self._batch)

    async def _write(self, batch: Sequence[Document]) -> int:
        changes = ((document, self._change(document)) for document in batch)
        writes = [
            UpdateOne({"_id": document["_id"], **self._unchanged(document)}, {"$set": change})
            for document, change in changes
            if change
        ]
        return (await self._collection.bulk_write(writes, ordered=False)).modified_count if writes else 0

    def _unchanged(self, document: Document) -> Document:
        return {field: document.get(field, {"$exists": False}) for field in self._fields}

    async def _position(self) -> _Position:
        mark = await self._marks.find_one({"_id": self.name}) or {}
        stored = mark.get("positions", {}).get(str(self._version), {})
        return _Position(mark.get("version", 0) >= self._version, stored.get("after"), stored.get("examined", 0))

    async def _store(self, position: _Position) -> None:
        """Never moves back, so that a slower process beside this one does no harm."""
        key = f"positions.{self._version}"
        further = {f"{key}.after": position.after, f"{key}.examined": position.examined}
        await self._marks.update_one({"_id": self.name}, {"$max": further}, upsert=True)

    async def _finish(self) -> None:
        done = {"$max": {"version": self._version}, "$unset": {"positions": ""}}
        await self._marks.update_one({"_id": self.name}, done, upsert=True)

    async def _progress(self, position: _Position) -> Progress:
        total = await self._collection.estimated_document_count()
        if position.finished or not total:
            return Progress(self.name, 0, total)
        return Progress(self.name, max(total - position.examined, 1), total)


class Migrations:
    """The migrations of one service, run in the background of each of its processes, and their gauge."""

    def __init__(
        self, migrations: Sequence[Migration], *, log: Log, registry: CollectorRegistry, retry_s: float = RETRY_S
    ) -> None:
        self._migrations = migrations
        self._log = log
        self._left = left_gauge(registry)
        self._retry_s = retry_s

    async def run(self) -> None:
        """Runs one after the other, each until it succeeds."""
        for migration in self._migrations:
            await self._finish(migration)

    async def _finish(self, migration: Migration) -> None:
        while True:
            try:
                self._report(await migration.progress())
                changed = await migration.run(self._report)
            except (PyMongoError, Refused) as error:
                self._log.warning("migration interrupted", migration=migration.name, error=type(error).__name__)
                await asyncio.sleep(self._retry_s)
            else:
                if changed:
                    self._log.info("documents migrated", migration=migration.name, count=changed)
                return

    def _report(self, progress: Progress) -> None:
        self._left.labels(progress.name).set(progress.left)


def left_gauge(registry: CollectorRegistry) -> Gauge:
    """Gauge of the documents that a migration has not examined yet."""
    return Gauge(
        "palique_migration_documents_left",
        "Documents that a migration has not examined yet, about; 0 when it is finished.",
        ["migration"],
        registry=registry,
    )
