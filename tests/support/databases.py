"""Databases of tests. A finished test's databases are emptied and given to a later test, which saves the creation of all indexes."""

import uuid

from pymongo import MongoClient

from devstack.mongodb import drop_databases
from kit.mongo import Document
from tests.support.scans import SERVICES, Scan, scans, unwatch, watch

# Dropping the databases is cheaper than the deletion of more documents.
MAX_DELETED = 5_000

Client = MongoClient[Document]


class Databases:
    """The databases of one process on one server."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._empty: list[str] = []

    def take(self, *, new: bool = False) -> str:
        """A prefix: all databases called PREFIX_something are empty. `new`: they do not exist."""
        prefix = self._empty.pop() if self._empty and not new else f"test-{uuid.uuid4().hex[:12]}"
        watch(self._client, prefix)
        return prefix

    def give_back(self, prefix: str, *, reusable: bool) -> list[Scan]:
        """Removes all documents. Returns the queries of the product that used no index."""
        found = scans(self._client, prefix)
        if reusable and self._delete_all(prefix):
            self._empty.append(prefix)
        else:
            drop_databases(self._client, prefix)
        return found

    def drop(self) -> None:
        for prefix in self._empty:
            drop_databases(self._client, prefix)
        self._empty.clear()

    def _delete_all(self, prefix: str) -> bool:
        """False when there are too many documents."""
        unwatch(self._client, prefix)
        collections = [
            self._client[f"{prefix}_{service}"][name]
            for service in SERVICES
            for name in self._client[f"{prefix}_{service}"].list_collection_names()
        ]
        if sum(collection.estimated_document_count() for collection in collections) > MAX_DELETED:
            return False
        for collection in collections:
            collection.delete_many({})
        return True
