"""The collection `comments`, apart from `tickets` so that a ticket's document does not grow with its comments."""

import msgspec
from pymongo import DESCENDING
from pymongo.errors import DuplicateKeyError

from kit.mongo import Database, Document
from services.tickets.domain.comment import Comment
from services.tickets.domain.person import Person
from services.tickets.store.errors import reading, writing
from services.tickets.store.indexes import COMMENT_INDEXES


class CommentStore:
    """Implements `CommentRecords`."""

    def __init__(self, database: Database) -> None:
        self._comments = database["comments"]
        self._tickets = database["tickets"]

    async def ensure_indexes(self) -> None:
        """Idempotent, and safe beside running processes."""
        await self._comments.create_indexes(COMMENT_INDEXES)

    async def has_ticket(self, site: str, ticket_id: str) -> bool:
        return await reading(self._tickets.find_one({"_id": ticket_id, "site": site}, {"_id": 1})) is not None

    async def insert(self, comment: Comment) -> bool:
        try:
            await writing(self._comments.insert_one({"_id": comment.id, **msgspec.to_builtins(comment)}))
        except DuplicateKeyError:
            return False
        return True

    async def of_client_id(self, site: str, ticket_id: str, author: Person, client_id: str) -> Comment | None:
        key = {"ticket": ticket_id, "author.kind": author.kind, "author.id": author.id, "client_id": client_id}
        found = await reading(self._comments.find_one({**key, "site": site}))
        return None if found is None else msgspec.convert(found, Comment)

    async def touch(self, site: str, ticket_id: str, at_ms: int) -> None:
        await writing(self._tickets.update_one({"_id": ticket_id, "site": site}, {"$max": {"updated_at_ms": at_ms}}))

    async def page(self, site: str, ticket_id: str, below: str, limit: int) -> list[Comment]:
        query: Document = {"ticket": ticket_id, "site": site}
        if below:
            query["_id"] = {"$lt": below}
        found = self._comments.find(query).sort("_id", DESCENDING).limit(limit)
        return [msgspec.convert(document, Comment) for document in await reading(found.to_list(limit))]
