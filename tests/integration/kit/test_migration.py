"""A migration changes every stored document once, beside running writers."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import CollectorRegistry

from kit.mongo import MIGRATION_BATCH, Collection, Document, connect, migrate_documents

pytestmark = pytest.mark.new_databases


@pytest.fixture
async def names(mongodb_url: str, database_prefix: str) -> AsyncIterator[Collection]:
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    yield client[f"{database_prefix}_x"]["names"]
    client.close()


def _upper(document: Document) -> Document:
    return {"upper": document.get("name", "?").upper()}


async def _migrate(names: Collection, version: int = 1, among: Document | None = None) -> int:
    return await migrate_documents(names, "upper", version, ["name"], _upper, among=among, pause_s=0)


async def test_every_document_is_changed_once_per_version(names: Collection) -> None:
    count = 2 * MIGRATION_BATCH + 1
    await names.insert_many([{"_id": number, "name": f"n{number}"} for number in range(count)])
    assert await _migrate(names) == count
    assert await names.count_documents({"upper": {"$regex": "^N"}}) == count
    await names.update_one({"_id": 0}, {"$set": {"upper": "changed later"}})
    assert await _migrate(names) == 0
    assert (await names.find_one({"_id": 0}) or {})["upper"] == "changed later"
    assert await _migrate(names, version=2) == 1, "only the document that differs counts as changed"


async def test_documents_outside_the_filter_stay(names: Collection) -> None:
    await names.insert_many([{"_id": 1, "name": "a", "words": []}, {"_id": 2, "name": "b"}, {"_id": 3, "words": []}])
    assert await _migrate(names, among={"words": {"$exists": True}}) == 2
    assert [each.get("upper") for each in await names.find().sort("_id", 1).to_list(9)] == ["A", None, "?"]


async def test_a_document_that_changes_meanwhile_is_left_to_its_writer(names: Collection) -> None:
    await names.insert_many([{"_id": 1, "name": "before"}, {"_id": 2, "name": "b"}])
    beside = names.database.client.delegate.get_database(names.database.name)["names"]

    def change(document: Document) -> Document:
        if document["_id"] == 1:
            beside.update_one({"_id": 1}, {"$set": {"name": "after", "upper": "AFTER"}})
        return _upper(document)

    await migrate_documents(names, "upper", 1, ["name"], change, pause_s=0)
    assert [each["upper"] for each in await names.find().sort("_id", 1).to_list(9)] == ["AFTER", "B"]
