"""The gate before everything that a session's cookie opens: who it is, and that their own page asks."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from kit.codes import Code, Refused
from services.gateway.accounts.identity import SESSION_COOKIE, AgentIdentity, Identities
from services.gateway.http.problems import Handler

AgentHandler = Callable[[Request, AgentIdentity], Awaitable[Response]]
SAFE_METHODS = frozenset({"GET", "HEAD"})
JSON = ("application/json",)
# What browsers say of a call from the same origin, and of one that the person made by themselves.
_OWN_FETCHES = frozenset({"same-origin", "none"})


class SignedIn:
    """Wraps handlers so that they get the agent, proven, as their second argument."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    def __call__(self, handler: AgentHandler, types: Sequence[str] = JSON) -> Handler:
        """Bodies are of these types. `origin_refused` when another site's page asks for a change, `not_signed_in` without a session."""

        async def guarded(request: Request) -> Response:
            if request.method not in SAFE_METHODS:
                require_own_page(request, self._identities, types)
            return await handler(request, await self._agent(request))

        return guarded

    async def _agent(self, request: Request) -> AgentIdentity:
        agent = await self._identities.agent(request.cookies.get(SESSION_COOKIE, ""))
        if agent is None:
            raise Refused(Code.NOT_SIGNED_IN, "Sign in first.")
        return agent


def require_administrator(agent: AgentIdentity) -> None:
    """`forbidden` for everybody else."""
    if agent.role != "administrator":
        raise Refused(Code.FORBIDDEN, "Only administrators may do this.")


def require_own_page(request: Request, identities: Identities, types: Sequence[str] = JSON) -> None:
    """Against forged requests: what a browser sends about the page must name our own origin, and bodies be of a type that no form can send.

    A client that sends neither header is no browser, and a cookie is its own to use. `SameSite` stands behind this.
    """
    headers = request.headers
    origin = headers.get("origin")
    if origin is not None and not identities.dashboard_origin_allowed(origin, headers.get("host", "")):
        raise Refused(Code.ORIGIN_REFUSED, "Only the dashboard's own pages may do this.")
    if headers.get("sec-fetch-site", "same-origin") not in _OWN_FETCHES:
        raise Refused(Code.ORIGIN_REFUSED, "Only the dashboard's own pages may do this.")
    if _has_body(request) and _media_type(headers.get("content-type", "")) not in types:
        raise Refused(Code.INVALID, f"The content type must be {' or '.join(types)}.")


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
