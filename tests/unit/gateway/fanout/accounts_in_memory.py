"""Identities over account records in memory."""

from typing import cast

from kit.codes import Code, Refused
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.model import Agent, Session, Site
from services.gateway.accounts.store import GatewayStore


class Accounts:
    """The records that `Identities` reads. While `is_down`, each read is refused as without a database."""

    def __init__(self) -> None:
        self.sites: dict[str, Site] = {}
        self.agents: dict[tuple[str, str], Agent] = {}
        self.sessions: dict[str, Session] = {}
        self.is_down = False
        # The real store has all methods that `Identities` calls; only the reads below are called here.
        self.identities = Identities(
            cast(GatewayStore, self), clock=lambda: 0, new_id=lambda: "", find_token=self.visitor_token
        )

    async def visitor_token(self, _: str) -> None:
        self._read()

    async def site(self, key: str) -> Site | None:
        self._read()
        return self.sites.get(key)

    async def agent(self, site_key: str, agent_id: str) -> Agent | None:
        self._read()
        return self.agents.get((site_key, agent_id))

    async def session(self, session_id: str) -> Session | None:
        self._read()
        return self.sessions.get(session_id)

    def _read(self) -> None:
        if self.is_down:
            raise Refused(Code.UNAVAILABLE, "The database does not answer.")
