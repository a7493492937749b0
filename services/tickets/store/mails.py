"""The collection `mails`. The content of a mail is removed with the write of its end; the rest is kept for a week after its time."""

from datetime import UTC, datetime

import msgspec
from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from kit.mongo import Database, Document
from services.tickets.domain.mail import Mail
from services.tickets.store.errors import reading, writing
from services.tickets.store.indexes import MAIL_INDEXES

KEPT_MS = 7 * 24 * 3600 * 1000


class MailStore:
    """Implements `MailRecords`."""

    def __init__(self, database: Database) -> None:
        self._mails = database["mails"]

    async def ensure_indexes(self) -> None:
        """Idempotent, and safe beside running processes."""
        await self._mails.create_indexes(MAIL_INDEXES)

    async def get(self, mail_id: str) -> Mail | None:
        found = await reading(self._mails.find_one({"_id": mail_id}))
        return None if found is None else msgspec.convert(found, Mail)

    async def insert(self, mail: Mail) -> bool:
        gone_at = datetime.fromtimestamp((mail.until_ms + KEPT_MS) / 1000, UTC)
        try:
            await writing(self._mails.insert_one({**msgspec.to_builtins(mail), "gone_at": gone_at}))
        except DuplicateKeyError:
            return False
        return True

    async def waiting(self, site: str, limit: int) -> int:
        return await reading(self._mails.count_documents({"state": "queued", "site": site}, limit=limit))

    async def due(self, now_ms: int, limit: int) -> list[Mail]:
        query = {"state": "queued", "next_at_ms": {"$lte": now_ms}}
        found = self._mails.find(query).sort("next_at_ms", ASCENDING).limit(limit)
        return [msgspec.convert(document, Mail) for document in await reading(found.to_list(limit))]

    async def oldest_age_ms(self, now_ms: int) -> int:
        found = await reading(
            self._mails.find_one({"state": "queued"}, {"created_at_ms": 1}, sort=[("created_at_ms", ASCENDING)])
        )
        return 0 if found is None else max(0, now_ms - int(found["created_at_ms"]))

    async def replace(self, before: Mail, after: Mail) -> bool:
        query: Document = {"_id": before.id, "state": "queued"}
        if after.state != "sent":
            # The server has a sent mail, whichever process holds the lease now.
            query |= {"tries": before.tries, "next_at_ms": before.next_at_ms}
        result = await writing(self._mails.update_one(query, {"$set": msgspec.to_builtins(after)}))
        return bool(result.matched_count)
