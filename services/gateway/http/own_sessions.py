"""Routes of the signed-in agent's own sessions: list them, end one, end all (requirement I-21)."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.times import rfc3339
from services.gateway.accounts.identity import AgentIdentity, Identities
from services.gateway.accounts.model import Session
from services.gateway.accounts.store import GatewayStore
from services.gateway.client_info.user_agent import describe
from services.gateway.http.auth import Revocations, SignedIn, end_sessions
from services.gateway.http.own_password import OwnPassword
from services.gateway.http.problems import Guard, json_response, no_content
from services.gateway.http.request_body import path_id


class OwnSession(msgspec.Struct, frozen=True):
    """A session of the agent. The address, browser and system are those of the sign-in. Times of old sessions are null."""

    session: str
    current: bool
    created_at: str | None
    seen_at: str | None
    browser: str
    os: str
    device: str
    address: str


class OwnSessionList(msgspec.Struct, frozen=True):
    """The agent's open sessions, newest first."""

    items: list[OwnSession]


class OwnSessionRoutes:
    """`/api/v1/me/sessions…`. Ending others than the caller's needs a sign-in or a proof of the password of the last minutes."""

    def __init__(
        self, store: GatewayStore, *, identities: Identities, own_password: OwnPassword, revocations: Revocations
    ) -> None:
        self._store = store
        self._own_password = own_password
        self._identities = identities
        self._revocations = revocations

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/me/sessions", {"GET": signed_in(self._list), "DELETE": signed_in(self._end_all)}),
            guard.route("/api/v1/me/sessions/{id}", {"DELETE": signed_in(self._end_one)}),
        ]

    async def _list(self, _: Request, agent: AgentIdentity) -> Response:
        sessions = await self._store.sessions(agent.id)
        items = [session_json(one, agent) for one in sessions if self._identities.is_open(one)]
        return json_response(OwnSessionList(items))

    async def _end_one(self, request: Request, agent: AgentIdentity) -> Response:
        session_id = path_id(request)
        if session_id != agent.session_id:
            self._own_password.require_proof(agent)
        found = await self._store.session(session_id)
        if found is None or found.agent_id != agent.id:
            raise Refused(Code.NOT_FOUND, "There is no such session.")
        await self._store.drop_session(session_id)
        await self._revocations.announce(agent.site_key, agent.id, session_id)
        return no_content()

    async def _end_all(self, _: Request, agent: AgentIdentity) -> Response:
        """Also the caller's session."""
        self._own_password.require_proof(agent)
        await end_sessions(self._store, self._revocations, agent.site_key, agent.id)
        return no_content()


def session_json(session: Session, agent: AgentIdentity) -> OwnSession:
    computer = describe(session.user_agent)
    return OwnSession(
        session=session.id,
        current=session.id == agent.session_id,
        created_at=rfc3339(session.created_at_ms) if session.created_at_ms else None,
        seen_at=rfc3339(session.seen_at_ms) if session.seen_at_ms else None,
        browser=computer.browser,
        os=computer.os,
        device=computer.device,
        address=session.address,
    )
