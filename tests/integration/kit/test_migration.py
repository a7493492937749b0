"""A migration changes every stored document once, beside running writers, and continues after an interruption."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import CollectorRegistry

from kit.migration import BATCH, Migration, Migrations, Progress
from kit.mongo import Collection, Document, connect
from kit.runtime.logs import configure

pytestmark = pytest.mark.new_databases


@pytest.fixture
async def names(mongodb_url: str, database_prefix: str) -> AsyncIterator[Collection]:
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    yield client[f"{database_prefix}_x"]["names"]
    client.close()


def _upper(document: Document) -> Document:
    return {"upper": document.get("name", "?").upper()}


def _migration(
    names: Collection,
    change: Callable[[Document], Document | None] = _upper,
    *,
    version: int = 1,
    batch: int = BATCH,
    fields: tuple[str, ...] = ("name",),
) -> Migration:
    return Migration(names, "upper", version, fields, change, batch=batch, pause_s=0)


async def _insert(names: Collection, count: int) -> None:
    await names.insert_many([{"_id": number, "name": f"n{number}"} for number in range(count)])


async def test_every_document_is_changed_once_per_version(names: Collection) -> None:
    count = 2 * BATCH + 1
    await _insert(names, count)
    assert await _migration(names).run() == count
    assert await names.count_documents({"upper": {"$regex": "^N"}}) == count
    await names.update_one({"_id": 0}, {"$set": {"upper": "changed later"}})
    assert await _migration(names).run() == 0
    assert (await names.find_one({"_id": 0}) or {})["upper"] == "changed later"
    assert await _migration(names, version=2).run() == 1, "only the document that differs counts as changed"
    assert await _migration(names).run() == 0, "an older version has nothing to do"


async def test_a_document_without_a_change_stays(names: Collection) -> None:
    await names.insert_many([{"_id": 1, "name": "a", "words": []}, {"_id": 2, "name": "b"}, {"_id": 3, "words": []}])

    def change(document: Document) -> Document | None:
        return _upper(document) if "words" in document else None

    assert await _migration(names, change, fields=("name", "words")).run() == 2
    assert [each.get("upper") for each in await names.find().sort("_id", 1).to_list(9)] == ["A", None, "?"]


async def test_a_document_that_changes_meanwhile_is_left_to_its_writer(names: Collection) -> None:
    await names.insert_many([{"_id": 1, "name": "before"}, {"_id": 2, "name": "b"}])
    beside = names.database.client.delegate.get_database(names.database.name)["names"]

    def change(document: Document) -> Document:
        if document["_id"] == 1:
            beside.update_one({"_id": 1}, {"$set": {"name": "after", "upper": "AFTER"}})
        return _upper(document)

    await _migration(names, change).run()
    assert [each["upper"] for each in await names.find().sort("_id", 1).to_list(9)] == ["AFTER", "B"]


async def test_it_continues_after_the_last_whole_batch(names: Collection) -> None:
    await _insert(names, 10)
    examined: list[int] = []

    def change(document: Document) -> Document:
        examined.append(document["_id"])
        if document["_id"] == 7 and examined.count(7) == 1:
            raise InterruptedError
        return _upper(document)

    migration = _migration(names, change, batch=3)
    with pytest.raises(InterruptedError):
        await migration.run()
    assert await migration.progress() == Progress("upper", 4, 10)
    reports: list[Progress] = []
    assert await migration.run(reports.append) == 4
    assert examined == [*range(8), *range(6, 10)]
    assert [progress.left for progress in reports] == [1, 1, 0]
    assert await migration.progress() == Progress("upper", 0, 10)


async def test_two_processes_side_by_side_change_each_document_once(names: Collection) -> None:
    await _insert(names, 100)
    assert sum(await asyncio.gather(*(_migration(names, batch=7).run() for _ in range(2)))) == 100
    assert await names.count_documents({"upper": {"$exists": True}}) == 100


async def test_a_slower_process_never_moves_the_position_back(names: Collection) -> None:
    await _insert(names, 10)
    stored: list[int] = []
    marks = names.database.client.delegate.get_database(names.database.name)["migrations"]

    def change(document: Document) -> Document:
        if document["_id"] == 0:
            # Another process is ahead.
            marks.update_one({"_id": "upper"}, {"$set": {"positions.1": {"after": 7, "examined": 8}}}, upsert=True)
        stored.extend(mark["positions"]["1"]["after"] for mark in marks.find({"_id": "upper"}))
        return _upper(document)

    assert await _migration(names, change, batch=2).run() == 10
    assert stored == [7] * 10


async def test_the_gauge_is_0_at_the_end(names: Collection) -> None:
    await _insert(names, 5)
    registry = CollectorRegistry()
    await Migrations([_migration(names)], log=configure("test", "ERROR"), registry=registry).run()
    assert registry.get_sample_value("palique_migration_documents_left", {"migration": "upper"}) == 0
    assert await names.count_documents({"upper": {"$exists": True}}) == 5
