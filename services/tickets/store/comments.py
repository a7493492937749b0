"""Comments in MongoDB: a collection of its own, so that a ticket's document does not grow with the talk about it.

Unique: (ticket, author, client id). A comment's id sorts by time, so the order of a list is that of its index.
"""

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from kit.mongo import Client, Document
from services.tickets.domain.comment import Comment
from services.tickets.domain.ticket import Person
from services.tickets.store.store import reading, writing

_INDEXES = [
    IndexModel([("ticket", ASCENDING), ("_id", DESCENDING)], name="newest"),
    IndexModel(
        [("ticket", ASCENDING), ("author.kind", ASCENDING), ("author.id", ASCENDING), ("client_id", ASCENDING)],
        unique=True,
        name="client_id",
    ),
]


class MongoComments:
    """The store of `commenting.py`. `database` is this service's own."""

    def __init__(self, client: Client, database: str) -> None:
        self._comments = client[database]["comments"]
        self._tickets = client[database]["tickets"]

    async def prepare(self) -> None:
        """Makes sure of the indexes; safe beside running services."""
        await self._comments.create_indexes(_INDEXES)

    async def has_ticket(self, site: str, ticket: str) -> bool:
        return await reading(self._tickets.find_one({"_id": ticket, "site": site}, {"_id": 1})) is not None

    async def insert(self, comment: Comment) -> bool:
        try:
            await writing(self._comments.insert_one({"_id": comment.comment, **msgspec.to_builtins(comment)}))
        except DuplicateKeyError:
            return False
        return True

    async def of_client_id(self, site: str, ticket: str, author: Person, client_id: str) -> Comment | None:
        key = {"ticket": ticket, "author.kind": author.kind, "author.id": author.id, "client_id": client_id}
        found = await reading(self._comments.find_one({**key, "site": site}))
        return None if found is None else _comment(found)

    async def touch(self, site: str, ticket: str, at_ms: int) -> None:
        await writing(self._tickets.update_one({"_id": ticket, "site": site}, {"$max": {"updated_at_ms": at_ms}}))

    async def page(self, site: str, ticket: str, below: str, limit: int) -> list[Comment]:
        wanted: Document = {"ticket": ticket, "site": site}
        if below:
            wanted["_id"] = {"$lt": below}
        found = self._comments.find(wanted).sort("_id", DESCENDING).limit(limit)
        return [_comment(document) for document in await reading(found.to_list(limit))]


def _comment(document: Document) -> Comment:
    found: Comment = msgspec.convert(document, Comment)
    return found
