"""All stored records of one site, over all databases: what a refused call must not change."""

from typing import Any

from pymongo import MongoClient


def records_of(client: MongoClient[dict[str, Any]], prefix: str, site: str) -> dict[str, str]:
    """Each record by database, collection and id, as text."""
    found: dict[str, str] = {}
    for database in client.list_database_names():
        if not database.startswith(f"{prefix}_"):
            continue
        for name in client[database].list_collection_names(filter={"name": {"$not": {"$regex": "^system\\."}}}):
            # All of them: the record of the site itself has the site as its id.
            for document in client[database][name].find():
                if site in (document.get("site"), document["_id"]):
                    found[f"{database}.{name}.{document['_id']}"] = str(document)
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The records that differ, for the message of a failure."""
    keys = sorted(before.keys() | after.keys())
    return [f"{key}: {before.get(key)} -> {after.get(key)}" for key in keys if before.get(key) != after.get(key)]
