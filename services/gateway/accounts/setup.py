"""The set-up of an installation without a site, guarded by a one-time code.

The code is stored as its SHA-256, so that all gateways check the same one. A new code replaces the earlier one.
"""

import secrets
from collections.abc import Callable

from kit.codes import Code, Refused
from services.gateway.accounts.identity import hash_of
from services.gateway.accounts.model import Agent, SetupCode, Site
from services.gateway.accounts.setup_code import LENGTH, LETTERS, plain, shown
from services.gateway.accounts.store import GatewayStore

# People use it as soon as they read it in the log.
CODE_MS = 3600 * 1000


class Setup:
    """Creates codes, checks them and completes the set-up. `clock` returns milliseconds since 1970."""

    def __init__(self, store: GatewayStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        # Final once it is true: no call removes a site.
        self._has_site = False

    async def needed(self) -> bool:
        """True while the installation has no site."""
        self._has_site = self._has_site or await self._store.setup.has_site()
        return not self._has_site

    async def make(self) -> tuple[str, int]:
        """Creates a code, which replaces the earlier one; returns it with its expiry in milliseconds since 1970."""
        code, record = self._new()
        await self._store.setup.put_code(record)
        return shown(code), record.expires_at_ms

    async def offer(self) -> tuple[str, int] | None:
        """The same where no code is valid; else None: of several gateways that start, one prints a code."""
        code, record = self._new()
        if not await self._store.setup.offer_code(record, self._clock()):
            return None
        return shown(code), record.expires_at_ms

    async def check(self, typed: str) -> None:
        """Refuses every code but the newest (wrong_code), and that one after its time (code_expired)."""
        found = await self._store.setup.code()
        if found is None or not secrets.compare_digest(found.hash, hash_of(plain(typed))):
            raise _wrong_code()
        if found.expires_at_ms <= self._clock():
            raise Refused(Code.CODE_EXPIRED, "This set-up code has expired. Run `palique setup` for a new one.")

    async def require_needed(self) -> None:
        """Refuses once there is a site (already_set_up)."""
        if not await self.needed():
            raise Refused(Code.ALREADY_SET_UP, "Palique is set up already. Sign in instead.")

    async def complete(self, typed: str, site: Site, administrator: Agent) -> None:
        """Consumes the code and adds the site and its administrator. Refuses as the checks do when another request was faster."""
        if not await self._store.setup.complete(hash_of(plain(typed)), self._clock(), site, administrator):
            await self.require_needed()
            await self.check(typed)
            raise _wrong_code()

    def _new(self) -> tuple[str, SetupCode]:
        code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        return code, SetupCode(hash_of(code), self._clock() + CODE_MS)


def _wrong_code() -> Refused:
    return Refused(Code.WRONG_CODE, "This is not the newest set-up code. Run `palique setup` for a new one.")
