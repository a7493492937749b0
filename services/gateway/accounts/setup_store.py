"""The MongoDB store of the set-up: the one code, and the first site with its administrator."""

import msgspec
from pymongo.errors import DuplicateKeyError, PyMongoError

from kit.codes import Code, Refused
from kit.mongo import Collection, Database, Document
from services.gateway.accounts.model import Agent, SetupCode, Site
from services.gateway.accounts.outage import RETRY_MS, refusing_when_down

# The key of the one record: all gateways check the same code.
_CODE = "code"
# Every key is greater, so the index of keys finds a site without a scan.
_ANY_SITE = {"_id": {"$gt": ""}}
# Attempts of a set-up that collides with another one.
_TRIES = 5


class SetupStore:
    """Part of `GatewayStore`. Every method raises Refused(retry) while the database does not respond."""

    def __init__(self, database: Database) -> None:
        self._client = database.client
        self._codes: Collection = database["setup_codes"]
        self._sites: Collection = database["sites"]
        self._agents: Collection = database["agents"]

    @refusing_when_down
    async def has_site(self) -> bool:
        """True when the installation has a site."""
        return await self._sites.find_one(_ANY_SITE, {"_id": 1}) is not None

    @refusing_when_down
    async def code(self) -> SetupCode | None:
        """The newest code, which may have expired."""
        found = await self._codes.find_one({"_id": _CODE})
        return None if found is None else msgspec.convert(found, SetupCode)

    @refusing_when_down
    async def put_code(self, code: SetupCode) -> None:
        """Replaces the earlier code."""
        await self._codes.replace_one({"_id": _CODE}, msgspec.to_builtins(code), upsert=True)

    @refusing_when_down
    async def offer_code(self, code: SetupCode, now_ms: int) -> bool:
        """Replaces an expired code; False, without a change, while the earlier one is valid."""
        expired = {"_id": _CODE, "expires_at_ms": {"$lte": now_ms}}
        try:
            await self._codes.replace_one(expired, msgspec.to_builtins(code), upsert=True)
        except DuplicateKeyError:
            return False
        return True

    @refusing_when_down
    async def complete(self, code_hash: str, now_ms: int, site: Site, administrator: Agent) -> bool:
        """Consumes the code and adds both records, or changes nothing: False without this code, or when there is a site."""
        for _ in range(_TRIES):
            try:
                return await self._complete(code_hash, now_ms, site, administrator)
            except DuplicateKeyError:
                raise Refused(Code.CONFLICT, "This e-mail address already has an account. Use another one.") from None
            except PyMongoError as error:
                if not error.has_error_label("TransientTransactionError"):
                    raise
        raise Refused(Code.RETRY, "Another set-up collides with this one; try again in a moment.", RETRY_MS)

    async def _complete(self, code_hash: str, now_ms: int, site: Site, administrator: Agent) -> bool:
        valid = {"_id": _CODE, "hash": code_hash, "expires_at_ms": {"$gt": now_ms}}
        async with await self._client.start_session() as session, session.start_transaction():
            # Concurrent set-ups conflict here, so that one of them is the only one.
            taken = await self._codes.delete_one(valid, session=session)
            if not taken.deleted_count or await self._sites.find_one(_ANY_SITE, {"_id": 1}, session=session):
                await session.abort_transaction()
                return False
            for collection, record in ((self._sites, site), (self._agents, administrator)):
                document: Document = msgspec.to_builtins(record)
                await collection.insert_one(document, session=session)
        return True
