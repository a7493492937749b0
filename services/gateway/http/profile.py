"""An agent's own account: who they are, what they are called, their language and their password."""

import math
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from palique.presence.v1 import presence_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.vocabulary import AgentStatus, Language
from services.gateway.accounts import validation
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import AgentChanges
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.throttle import Rule
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.photos import photo_url
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.records import AgentRecords, Revocations, Throttles
from services.gateway.http.request_body import checked, read_json

# `me` is the first call of every page: a presence service that is away must not keep the dashboard shut.
STATUS_TIMEOUT_S = 1.0
DEFAULT_STATUS: AgentStatus = "online"
# Whoever sits down at an open dashboard guesses as slowly as at the sign-in.
GUESS_RULE = Rule(burst=10, interval_ms=10_000)


class MePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is absent stays; a language of null is the browser's."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    language: Language | msgspec.UnsetType | None = msgspec.UNSET


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The current one shows that it is they who ask."""

    current: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    new: str


class ProfileRoutes:
    """`/api/v1/me`, `/api/v1/me/password`."""

    def __init__(
        self,
        agents: AgentRecords,
        *,
        throttles: Throttles,
        passwords: Passwords,
        backends: Backends,
        revocations: Revocations,
        clock: Callable[[], int],
    ) -> None:
        self._agents = agents
        self._throttles = throttles
        self._passwords = passwords
        self._backends = backends
        self._revocations = revocations
        self._clock = clock

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/me", {"GET": signed_in(self._me), "PATCH": signed_in(self._change)}),
            guard.route("/api/v1/me/password", {"POST": signed_in(self._change_password)}),
        ]

    async def _me(self, _: Request, agent: AgentIdentity) -> Response:
        return json_response(await self._me_json(agent))

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        body = await read_json(request, MePatch)
        changes: AgentChanges = {}
        if body.name is not msgspec.UNSET:
            changes["name"] = checked("name", validation.name, body.name)
        if body.language is not msgspec.UNSET:
            changes["language"] = body.language or ""
        if changes:
            await self._agents.update_agent(agent.site, agent.agent, changes)
        if "name" in changes:
            # A socket has the name that it was opened with: all are opened anew.
            for session in await self._agents.sessions_of(agent.agent):
                await self._revocations.announce(agent.site, agent.agent, session)
        name, language = changes.get("name", agent.name), changes.get("language", agent.language)
        return json_response(await self._me_json(msgspec.structs.replace(agent, name=name, language=language)))

    async def _change_password(self, request: Request, agent: AgentIdentity) -> Response:
        """Ends the agent's other sessions: somebody else may sit in one of them."""
        body = await read_json(request, PasswordChange)
        new = checked("new", lambda text: validation.password(text, agent.email), body.new)
        await self._prove(agent, body.current)
        password_hash = await self._passwords.hash(new)
        await self._agents.update_agent(agent.site, agent.agent, {"password_hash": password_hash})
        for session in await self._agents.sessions_of(agent.agent):
            if session != agent.session:
                await self._agents.drop_session(session)
                await self._revocations.announce(agent.site, agent.agent, session)
        return Response(status_code=204, headers={"cache-control": "no-store"})

    async def _prove(self, agent: AgentIdentity, password: str) -> None:
        key = f"password of {agent.agent}"
        wait_ms = await self._throttles.take(key, GUESS_RULE, self._clock())
        if wait_ms:
            wait_s = math.ceil(wait_ms / 1000)
            raise Refused(Code.TOO_FAST, f"Too many wrong passwords; try again in {wait_s} s.", wait_ms)
        record = await self._agents.agent(agent.site, agent.agent)
        if not await self._passwords.matches(password, record.password_hash if record is not None else None):
            raise Refused(Code.WRONG_CREDENTIALS, "This is not the current password.")
        await self._throttles.give_back(key, GUESS_RULE)

    async def _me_json(self, agent: AgentIdentity) -> dict[str, Any]:
        return {
            "agent": agent.agent,
            "name": agent.name,
            "email": agent.email,
            "role": agent.role,
            "site": agent.site,
            "departments": [],
            "photo": photo_url(agent.agent, agent.photo),
            "language": agent.language or None,
            "status": await self._status(agent),
        }

    async def _status(self, agent: AgentIdentity) -> str:
        """What the agent chose last; who never chose is online."""
        request = presence_pb2.ListAvailabilityRequest(site=agent.site)
        try:
            answer = await self._backends.presence.call(
                lambda stub: stub.ListAvailability, request, key=agent.site, timeout_s=STATUS_TIMEOUT_S
            )
        except Refused:
            return DEFAULT_STATUS
        return next((one.status for one in answer.agents if one.agent == agent.agent), DEFAULT_STATUS)
