"""Routes of the signed-in agent's own account: name, language, status and password."""

from typing import Annotated, cast

import msgspec
from msgspec import UNSET, UnsetType
from palique.presence.v1 import presence_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Refused
from kit.text.email import displayed
from kit.vocabulary import AgentRole, AgentStatus, Language
from services.gateway.accounts import validation
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import AgentChanges
from services.gateway.accounts.password_rule import PASSWORD_BOUNDS, new_password, texts_around
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.store import GatewayStore
from services.gateway.backends import Backends
from services.gateway.http.auth import Revocations, SignedIn, set_password
from services.gateway.http.own_password import OwnPassword
from services.gateway.http.photos import photo_url
from services.gateway.http.problems import Guard, json_response, no_content
from services.gateway.http.request_body import checked, read_json

# Every page of the dashboard starts with `me`, which must respond while presence is down.
STATUS_TIMEOUT_S = 1.0
DEFAULT_STATUS: AgentStatus = "online"


class MePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Absent fields do not change; a language of null selects the browser's."""

    name: str | UnsetType = UNSET
    language: Language | UnsetType | None = UNSET


class PasswordChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`current` proves that the caller is the agent."""

    current: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    new: Annotated[str, PASSWORD_BOUNDS]


class PasswordProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Proves that the caller is the agent, for the next ten minutes."""

    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class Me(msgspec.Struct, frozen=True):
    """The signed-in agent."""

    agent: str
    name: str
    email: str
    role: AgentRole
    site: str
    departments: list[str]
    photo: str | None
    language: Language | None
    status: AgentStatus


class ProfileRoutes:
    """`/api/v1/me`, `/api/v1/me/password`, `/api/v1/me/proof`."""

    def __init__(
        self,
        store: GatewayStore,
        *,
        passwords: Passwords,
        own_password: OwnPassword,
        backends: Backends,
        revocations: Revocations,
    ) -> None:
        self._store = store
        self._passwords = passwords
        self._own_password = own_password
        self._backends = backends
        self._revocations = revocations

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/me", {"GET": signed_in(self._read), "PATCH": signed_in(self._change)}),
            guard.route("/api/v1/me/password", {"POST": signed_in(self._change_password)}),
            guard.route("/api/v1/me/proof", {"POST": signed_in(self._prove)}),
        ]

    async def _read(self, _: Request, agent: AgentIdentity) -> Response:
        return json_response(await self._me(agent))

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        body = await read_json(request, MePatch)
        changes: AgentChanges = {}
        if body.name is not UNSET:
            changes["name"] = checked("name", validation.name, body.name)
        if body.language is not UNSET:
            changes["language"] = body.language or ""
        if changes:
            await self._store.update_agent(agent.site_key, agent.id, changes)
        if "name" in changes:
            # A socket keeps the name that it connected with, so all of them reconnect.
            for session_id in await self._store.sessions_of(agent.id):
                await self._revocations.announce(agent.site_key, agent.id, session_id)
        name, language = changes.get("name", agent.name), changes.get("language", agent.language)
        return json_response(await self._me(msgspec.structs.replace(agent, name=name, language=language)))

    async def _change_password(self, request: Request, agent: AgentIdentity) -> Response:
        """Also ends the agent's other sessions and links, because an intruder may hold one of them."""
        body = await read_json(request, PasswordChange)
        site = await self._store.site(agent.site_key)
        known = texts_around(agent.name, agent.email, agent.site_key, site)
        with self._passwords.slot(agent.id) as hashing:
            await self._own_password.check(agent, body.current, hashing)
            # After the hash, which bounds how often the rule runs.
            new = checked("new", lambda text: new_password(text, known), body.new)
            password_hash = await hashing.hash(new)
        await set_password(
            self._store, self._revocations, agent.site_key, agent.id, password_hash, but=agent.session_id
        )
        return no_content()

    async def _prove(self, request: Request, agent: AgentIdentity) -> Response:
        body = await read_json(request, PasswordProof)
        await self._own_password.prove(agent, body.password)
        return no_content()

    async def _me(self, agent: AgentIdentity) -> Me:
        return Me(
            agent=agent.id,
            name=agent.name,
            email=displayed(agent.email),
            role=agent.role,
            site=agent.site_key,
            departments=[],
            photo=photo_url(agent.id, agent.photo),
            language=agent.language or None,
            status=await self._status(agent),
        )

    async def _status(self, agent: AgentIdentity) -> AgentStatus:
        """The status that the agent chose last; the default before the first choice and while presence is down."""
        request = presence_pb2.ListAvailabilityRequest(site=agent.site_key)
        try:
            answer = await self._backends.presence.call(
                lambda stub: stub.ListAvailability, request, key=agent.site_key, timeout_s=STATUS_TIMEOUT_S
            )
        except Refused:
            return DEFAULT_STATUS
        chosen = (one.status for one in answer.agents if one.agent == agent.id)
        return cast(AgentStatus, next(chosen, DEFAULT_STATUS))
