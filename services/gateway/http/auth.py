"""Authentication and access rules of the HTTP API: the session cookie, the administrator role, protection against forged requests."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response

from kit.codes import Code, Refused
from services.gateway.accounts.identity import AgentIdentity, Identities, session_secret
from services.gateway.accounts.origins import HOST_HINT
from services.gateway.accounts.store import GatewayStore
from services.gateway.http.problems import SAFE_METHODS, Handler, name_caller

AgentHandler = Callable[[Request, AgentIdentity], Awaitable[Response]]
JSON = ("application/json",)
# `Sec-Fetch-Site` of a request from the same origin, and of one that the user typed or opened from a bookmark.
_OWN_FETCHES = frozenset({"same-origin", "none"})


class Revocations(Protocol):
    """Announces ended sessions to all gateways; None ends all sessions of an agent. Does not raise while the bus is away."""

    async def announce(self, site_key: str, agent_id: str, session_id: str | None, /) -> None: ...

    async def announce_visitor(self, site_key: str, visitor_id: str, /) -> None: ...


class SignedIn:
    """Wraps handlers so that they get the authenticated agent as their second argument."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    def __call__(self, handler: AgentHandler, types: Sequence[str] = JSON) -> Handler:
        """`types`: the media types of bodies. Refuses a change from another site's page (origin_refused) and a request without a
        session (not_signed_in).
        """

        async def guarded(request: Request) -> Response:
            if request.method not in SAFE_METHODS:
                require_own_page(request, self._identities, types)
            agent = await self._agent(request)
            name_caller(request, agent=agent.id)
            return await handler(request, agent)

        return guarded

    async def _agent(self, request: Request) -> AgentIdentity:
        agent = await self._identities.agent(session_secret(request.cookies))
        if agent is None:
            raise Refused(Code.NOT_SIGNED_IN, "Sign in first.")
        return agent


def require_administrator(agent: AgentIdentity) -> None:
    """Refuses other roles (forbidden)."""
    if agent.role != "administrator":
        raise Refused(Code.FORBIDDEN, "Only administrators may do this.")


def require_own_page(request: Request, identities: Identities, types: Sequence[str] = JSON) -> None:
    """Protection against forged requests: `Origin` and `Sec-Fetch-Site` must be our own, and the body of a type that no form sends.

    A client that sends neither header is no browser and holds no other person's cookie. `SameSite` cookies are a second barrier.
    """
    headers = request.headers
    origin = headers.get("origin")
    if origin is not None and not identities.dashboard_origin_allowed(origin, headers.get("host", "")):
        raise Refused(Code.ORIGIN_REFUSED, f"Send this request from the dashboard's own pages. {HOST_HINT}")
    if headers.get("sec-fetch-site", "same-origin") not in _OWN_FETCHES:
        raise Refused(Code.ORIGIN_REFUSED, "Send this request from the dashboard's own pages.")
    if _has_body(request) and _media_type(headers.get("content-type", "")) not in types:
        raise Refused(Code.INVALID, f"Send the body as {' or '.join(types)}.")


async def set_password(
    store: GatewayStore, revocations: Revocations, site_key: str, agent_id: str, password_hash: str, *, but: str = ""
) -> None:
    """Sets the password, and ends what may be an intruder's: all links to set another one, and all sessions but `but`."""
    await store.update_agent(site_key, agent_id, {"password_hash": password_hash})
    await store.drop_invitations_of(agent_id)
    await end_sessions(store, revocations, site_key, agent_id, but=but)


async def end_sessions(
    store: GatewayStore, revocations: Revocations, site_key: str, agent_id: str, *, but: str = ""
) -> None:
    """Ends an agent's sessions and their sockets, except the session `but`."""
    for session_id in await store.sessions_of(agent_id):
        if session_id != but:
            await store.drop_session(session_id)
            await revocations.announce(site_key, agent_id, session_id)


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
