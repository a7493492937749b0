"""The MongoDB store of what limits guesses: counts of attempts, and browsers that an agent signed in with."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from kit.mongo import Collection, Database, Document
from services.gateway.accounts.model import Device
from services.gateway.accounts.outage import refusing_when_down
from services.gateway.accounts.throttle import Rule, take


class ThrottleStore:
    """Throttles of all gateways together, and known devices. Every method raises Refused(retry) while the database does not respond."""

    def __init__(self, database: Database) -> None:
        self._throttles: Collection = database["throttles"]
        self._devices: Collection = database["devices"]

    async def ensure_indexes(self) -> None:
        """Idempotent."""
        for collection in (self._throttles, self._devices):
            await collection.create_index("expires_at", expireAfterSeconds=0)

    @refusing_when_down
    async def take(self, key: str, rule: Rule, now_ms: int) -> int:
        """One take; 0 when granted, else milliseconds until the next attempt.

        One atomic update with the arithmetic of `throttle.take`, so that takes of one key never wait for each other.
        """
        moved = {"$add": [{"$max": ["$full_at_ms", now_ms]}, rule.interval_ms]}
        granted = {"$lte": [moved, now_ms + rule.span_ms]}
        update: list[Document] = [
            {"$set": {"full_at_ms": {"$cond": [granted, moved, "$full_at_ms"]}}},
            {"$set": {"expires_at": {"$toDate": {"$toLong": "$full_at_ms"}}}},
        ]
        before = await self._throttles.find_one_and_update({"_id": key}, update, {"full_at_ms": 1}, upsert=True)
        return take(rule, before["full_at_ms"] if before else 0, now_ms).retry_ms

    @refusing_when_down
    async def give_back(self, key: str, rule: Rule) -> None:
        """Undoes one take."""
        await self._throttles.update_one({"_id": key}, {"$inc": {"full_at_ms": -rule.interval_ms}})

    @refusing_when_down
    async def devices(self, device_ids: Sequence[str]) -> list[Device]:
        """The existing devices of these ids."""
        found = await self._devices.find({"_id": {"$in": list(device_ids)}}).to_list(None)
        return [msgspec.convert(document, Device) for document in found]

    @refusing_when_down
    async def put_device(self, device: Device) -> None:
        """Adds the device, or extends its time."""
        document = msgspec.to_builtins(device)
        document["expires_at"] = datetime.fromtimestamp(device.expires_at_ms / 1000, UTC)
        await self._devices.replace_one({"_id": device.id}, document, upsert=True)
