"""Invitations: links to set a password, for new agents and for a forgotten password.

A token is 256 random bits, stored as its SHA-256, valid once. It travels in the fragment of a link, which browsers
send to no server, and in request bodies.
"""

import secrets
from collections.abc import Callable

from services.gateway.accounts.identity import SECRET, hash_of
from services.gateway.accounts.model import Agent, Invitation
from services.gateway.accounts.store import GatewayStore

# For a new agent. After a longer absence, an administrator sends another one.
INVITATION_MS = 7 * 24 * 3600 * 1000
# For an agent with a password: people ask for the link when they need it.
RESET_MS = 3600 * 1000


class Invitations:
    """Creates and consumes invitations. `clock` returns milliseconds since 1970."""

    def __init__(self, store: GatewayStore, clock: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock

    async def make(self, agent: Agent) -> tuple[str, Invitation]:
        """Creates an invitation and ends the agent's earlier one; returns the token, which is not stored, and the record."""
        token = secrets.token_urlsafe(32)
        expires_at_ms = self._clock() + (RESET_MS if agent.password_hash else INVITATION_MS)
        invitation = Invitation(id=hash_of(token), agent_id=agent.id, site_key=agent.site, expires_at_ms=expires_at_ms)
        await self._store.put_invitation(invitation)
        return token, invitation

    async def agent(self, token: str) -> Agent | None:
        """The agent of a token; None for a used, expired or unknown token and for a disabled agent."""
        found = await self._store.invitation(hash_of(token)) if SECRET.fullmatch(token) else None
        if found is None or found.expires_at_ms <= self._clock():
            return None
        agent = await self._store.agent(found.site_key, found.agent_id)
        return None if agent is None or agent.disabled else agent

    async def take(self, token: str) -> bool:
        """Consumes the token; False when another request consumed it first."""
        return await self._store.drop_invitation(hash_of(token))
