"""Who was invited sets a password. The token comes in bodies only, and whoever guesses is slowed down (I-19)."""

import math
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from services.gateway.accounts import validation
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.model import Agent
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.throttle import Rule
from services.gateway.client_info.address import Network, client_address, household
from services.gateway.http.auth import require_own_page
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.records import AgentRecords, Revocations, Throttles
from services.gateway.http.request_body import checked, read_json

# 256 bits are not guessed; this bounds the work that trying costs us.
ADDRESS_RULE = Rule(burst=30, interval_ms=2000)


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom is it for?"""

    token: Annotated[str, msgspec.Meta(max_length=128)]


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Takes the invitation."""

    token: Annotated[str, msgspec.Meta(max_length=128)]
    password: str


class InvitationRoutes:
    """`/api/v1/invitation…`."""

    def __init__(
        self,
        invitations: Invitations,
        *,
        agents: AgentRecords,
        throttles: Throttles,
        identities: Identities,
        passwords: Passwords,
        revocations: Revocations,
        trusted_proxies: Sequence[Network],
        clock: Callable[[], int],
    ) -> None:
        self._invitations = invitations
        self._agents = agents
        self._throttles = throttles
        self._identities = identities
        self._passwords = passwords
        self._revocations = revocations
        self._trusted_proxies = trusted_proxies
        self._clock = clock

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/invitation", {"POST": self._show}),
            guard.route("/api/v1/invitation/password", {"POST": self._accept}),
        ]

    async def _show(self, request: Request) -> Response:
        await self._gate(request)
        agent = await self._agent((await read_json(request, Token)).token)
        return json_response({"name": agent.name, "email": agent.email})

    async def _accept(self, request: Request) -> Response:
        """Sets the password and ends all sessions that were; the token is used up by the first to come here with a good one."""
        await self._gate(request)
        body = await read_json(request, NewPassword)
        agent = await self._agent(body.token)
        password = checked("password", lambda text: validation.password(text, agent.email), body.password)
        password_hash = await self._passwords.hash(password)
        if not await self._invitations.take(body.token):
            raise _no_invitation()
        await self._agents.update_agent(agent.site, agent.id, {"password_hash": password_hash})
        for session in await self._agents.sessions_of(agent.id):
            await self._agents.drop_session(session)
            await self._revocations.announce(agent.site, agent.id, session)
        return Response(status_code=204, headers={"cache-control": "no-store"})

    async def _agent(self, token: str) -> Agent:
        agent = await self._invitations.agent(token)
        if agent is None:
            raise _no_invitation()
        return agent

    async def _gate(self, request: Request) -> None:
        require_own_page(request, self._identities)
        address = household(client_address(request.scope, self._trusted_proxies))
        wait_ms = await self._throttles.take(f"invitation address {address}", ADDRESS_RULE, self._clock())
        if wait_ms:
            wait_s = math.ceil(wait_ms / 1000)
            raise Refused(Code.TOO_FAST, f"Too many tries; come back in {wait_s} s.", wait_ms)


def _no_invitation() -> Refused:
    return Refused(Code.NOT_FOUND, "This link was used before, or has expired. Ask for a new one.")
