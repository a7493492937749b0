"""The MongoDB store of first steps: which pages load a site's widget, and whether the checklist is hidden."""

import msgspec

from kit.mongo import Collection, Database, Document
from services.gateway.accounts.model import FirstSteps, WidgetLoad
from services.gateway.accounts.outage import refusing_when_down

# Clients choose the origins of refused pages, so the list is short.
MAX_REFUSED = 5


class FirstStepsStore:
    """Part of `GatewayStore`. Every method raises Refused(retry) while the database does not respond."""

    def __init__(self, database: Database) -> None:
        self._steps: Collection = database["first_steps"]

    @refusing_when_down
    async def read(self, site_key: str) -> FirstSteps:
        """Empty for a site without a record."""
        found = await self._steps.find_one({"_id": site_key})
        return FirstSteps(site_key) if found is None else msgspec.convert(found, FirstSteps)

    @refusing_when_down
    async def put_seen(self, site_key: str, load: WidgetLoad) -> None:
        await self._steps.update_one({"_id": site_key}, {"$set": {"seen": msgspec.to_builtins(load)}}, upsert=True)

    @refusing_when_down
    async def put_refused(self, site_key: str, load: WidgetLoad) -> None:
        """Puts the origin first in the list, which has each origin once."""
        others = {
            "$filter": {
                "input": {"$ifNull": ["$refused", []]},
                "cond": {"$ne": ["$$this.origin", {"$literal": load.origin}]},
            }
        }
        newest: Document = {"$concatArrays": [[{"$literal": msgspec.to_builtins(load)}], others]}
        update: list[Document] = [{"$set": {"refused": {"$slice": [newest, MAX_REFUSED]}}}]
        await self._steps.update_one({"_id": site_key}, update, upsert=True)

    @refusing_when_down
    async def put_dismissed(self, site_key: str, *, dismissed: bool) -> None:
        await self._steps.update_one({"_id": site_key}, {"$set": {"dismissed": dismissed}}, upsert=True)
