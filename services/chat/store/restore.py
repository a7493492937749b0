"""Raises the epoch of all conversations after a restore of the chat database from a backup.

Clients may hold more entries than the restored logs. A client that meets a higher epoch discards its copy and fetches the log again.
No chat process may run meanwhile, because processes cache epochs.
"""

from typing import NamedTuple

from kit.mongo import Collection, Database
from services.chat.store.documents import entry_id

# Conversations compared with their logs in one statement.
CHECK_BATCH = 500


class TornBackup(Exception):
    """The backup is not of a single moment; the message names an entry that a document refers to and its log lacks."""


class RaisedEpoch(NamedTuple):
    epoch: int
    conversations: int


async def raise_epoch(database: Database, now_s: int) -> RaisedEpoch:
    """Sets the epoch of every conversation above all earlier ones. TornBackup, without a change, for a broken backup.

    The epoch is the time in seconds, so two restores of the same backup get different epochs.
    """
    conversations, entries = database["conversations"], database["entries"]
    await _refuse_torn(conversations, entries)
    newest = await conversations.find_one({}, {"epoch": 1}, sort=[("epoch", -1)])
    epoch = max(now_s, newest.get("epoch", 0) + 1 if newest else 0)
    done = await conversations.update_many({}, {"$set": {"epoch": epoch}})
    return RaisedEpoch(epoch, done.modified_count)


async def _refuse_torn(conversations: Collection, entries: Collection) -> None:
    """The entry at each document's head must exist; otherwise the next append would leave a hole before it."""
    ids: list[str] = []
    async for document in conversations.find({"head": {"$gt": 0}}, {"head": 1}):
        ids.append(entry_id(document["_id"], document["head"]))
        if len(ids) == CHECK_BATCH:
            await _refuse_missing(entries, ids)
            ids = []
    await _refuse_missing(entries, ids)


async def _refuse_missing(entries: Collection, ids: list[str]) -> None:
    found = {document["_id"] async for document in entries.find({"_id": {"$in": ids}}, {"_id": 1})}
    for missing in ids:
        if missing not in found:
            raise TornBackup(
                f"the backup is not of one moment: entry {missing} is missing, and its conversation's head is at it"
            )
