"""Links to set a password with: for new agents, and for those who forgot theirs.

A token is 256 random bits, kept as its SHA-256, good once and for a week. It travels in the fragment of a link, which browsers send
to no server, and in bodies.
"""

import secrets
from collections.abc import Callable
from typing import Protocol

from services.gateway.accounts.identity import SECRET, hash_of
from services.gateway.accounts.model import Agent, Invitation

# Somebody on holiday for a week asks for another.
INVITATION_MS = 7 * 24 * 3600 * 1000


class InvitationStore(Protocol):
    """Where invitations are kept."""

    async def agent(self, site: str, agent: str) -> Agent | None: ...
    async def put_invitation(self, invitation: Invitation) -> None: ...
    async def invitation(self, invitation: str) -> Invitation | None: ...
    async def drop_invitation(self, invitation: str) -> bool: ...


class Invitations:
    """`clock` gives milliseconds since 1970."""

    def __init__(self, records: InvitationStore, clock: Callable[[], int]) -> None:
        self._records = records
        self._clock = clock

    async def make(self, agent: Agent) -> tuple[str, Invitation]:
        """The token, kept nowhere, and its record; an earlier one of the agent opens nothing from now on."""
        token = secrets.token_urlsafe(32)
        invitation = Invitation(
            id=hash_of(token), agent=agent.id, site=agent.site, expires_at_ms=self._clock() + INVITATION_MS
        )
        await self._records.put_invitation(invitation)
        return token, invitation

    async def agent(self, token: str) -> Agent | None:
        """Whom the token is for; None when it was used, has expired, or is nobody's."""
        found = await self._records.invitation(hash_of(token)) if SECRET.fullmatch(token) else None
        if found is None or found.expires_at_ms <= self._clock():
            return None
        agent = await self._records.agent(found.site, found.agent)
        return None if agent is None or agent.disabled else agent

    async def take(self, token: str) -> bool:
        """Uses it up; False when somebody did so before."""
        return await self._records.drop_invitation(hash_of(token))
