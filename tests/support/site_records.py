"""All stored records of one site, over all databases: what a refused call must not change."""

import re
from collections.abc import Callable

from pymongo import MongoClient

from kit.mongo import Document
from tests.support.eventually import eventually

# A fact in the outbox of chat, of tickets.
PENDING = re.compile(r"'outbox': True|'facts': \[\{")
# Takes half a second.
STILL = 12


def records_of(client: MongoClient[Document], prefix: str, site: str) -> dict[str, str]:
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


async def quiet_records(found: Callable[[], dict[str, str]], still: int = STILL) -> dict[str, str]:
    """The records with one message, once everything that is written after an answer is there: `still` reads in a row are equal."""

    def written() -> bool:
        texts = found().values()
        return any("'messages': 1" in text for text in texts) and not any(PENDING.search(text) for text in texts)

    await eventually(written, sentence="the list has the message, and no fact waits for its publication")
    # The services that act on a fact write after its publication.
    seen = [found()]

    def is_still() -> bool:
        seen.append(found())
        return len(seen) > still and all(one == seen[-1] for one in seen[-still:])

    await eventually(is_still, sentence="the records have ended to change")
    return seen[-1]


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """The records that differ, for the message of a failure."""
    keys = sorted(before.keys() | after.keys())
    return [f"{key}: {before.get(key)} -> {after.get(key)}" for key in keys if before.get(key) != after.get(key)]
