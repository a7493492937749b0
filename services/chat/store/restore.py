"""After a restore of chat's database: what clients hold may be longer than the logs are now, so their copies are declared void.

A conversation's epoch says which telling of its log a copy is of; a client that meets a higher one forgets its copy and fetches anew.
To be done while no chat process runs, for each remembers epochs.
"""

from typing import NamedTuple

from kit.mongo import Collection, Database
from services.chat.store.documents import entry_id

# Conversations compared with their logs in one statement.
CHUNK = 500


class Torn(Exception):
    """The backup is of no single moment: the sentence names a conversation whose log ends before its document says."""


class Raised(NamedTuple):
    epoch: int
    conversations: int


async def raise_epoch(database: Database, now_s: int) -> Raised:
    """Raises the epoch of every conversation above all that there ever were. Torn, and nothing is changed, for a broken backup.

    Epochs become the time in seconds: one and the same backup restored twice gives two epochs.
    """
    conversations, entries = database["conversations"], database["entries"]
    await _refuse_torn(conversations, entries)
    newest = await conversations.find_one({}, {"epoch": 1}, sort=[("epoch", -1)])
    epoch = max(now_s, newest.get("epoch", 0) + 1 if newest else 0)
    done = await conversations.update_many({}, {"$set": {"epoch": epoch}})
    return Raised(epoch, done.modified_count)


async def _refuse_torn(conversations: Collection, entries: Collection) -> None:
    """The entry that a document says it is at must be there: the next append would leave a hole before it otherwise."""
    ids: list[str] = []
    async for document in conversations.find({"head": {"$gt": 0}}, {"head": 1}):
        ids.append(entry_id(document["_id"], document["head"]))
        if len(ids) == CHUNK:
            await _refuse_missing(entries, ids)
            ids = []
    await _refuse_missing(entries, ids)


async def _refuse_missing(entries: Collection, ids: list[str]) -> None:
    found = {document["_id"] async for document in entries.find({"_id": {"$in": ids}}, {"_id": 1})}
    for missing in ids:
        if missing not in found:
            raise Torn(f"the log of a conversation ends before its entry {missing}: the backup is not of one moment")
