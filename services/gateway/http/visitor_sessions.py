"""Route of a visitor's token. Pages of the site call it across origins, without cookies."""

import random
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.config.origin import parse_origin
from kit.times import rfc3339
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.model import Site
from services.gateway.accounts.throttle import LocalThrottle, Rule
from services.gateway.accounts.widget_loads import WidgetLoads
from services.gateway.client_info.address import Network, client_address, client_network, is_loopback
from services.gateway.http.auth import Revocations
from services.gateway.http.problems import Guard, Handler, json_response, no_content, problem, too_fast
from services.gateway.http.request_body import read_json
from services.gateway.http.site import PublicSite, public_json

# A page view is one request. An office behind one address opens many pages; a script that fills the database sends many more.
ADDRESS_RULE = Rule(burst=120, interval_ms=500)
# How long a browser caches the preflight response, in seconds.
PREFLIGHT_S = 600
# Pages of a site that is off ask again after a time between these: ten thousand open pages are 700 small requests a second.
OFF_RETRY_MS = (8_000, 20_000)


class VisitorSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`token`: an earlier token of this browser. `identity`: a signed token of the site's own sign-in. `consent`: the visitor
    agreed to be remembered.
    """

    site: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    token: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    identity: Annotated[str, msgspec.Meta(max_length=8192)] | None = None
    consent: bool = False


class VisitorSessionToken(msgspec.Struct, frozen=True):
    """The token, its visitor's id and the site's public settings. All but the settings are null until the visitor consents."""

    token: str | None
    visitor: str | None
    expires_at: str | None
    site: PublicSite


class VisitorSessionEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`token` is the proof, and names visitor and site."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class VisitorSessionRoutes:
    """`/api/v1/visitor/session…`."""

    def __init__(
        self,
        *,
        identities: Identities,
        loads: WidgetLoads,
        revocations: Revocations,
        trusted_proxies: Sequence[Network],
        clock: Callable[[], int],
    ) -> None:
        self._identities = identities
        self._loads = loads
        self._revocations = revocations
        self._trusted_proxies = trusted_proxies
        self._clock = clock
        self._throttle = LocalThrottle(ADDRESS_RULE)

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/visitor/session", {"POST": _across_origins(self._admit), "OPTIONS": _preflight}),
            guard.route("/api/v1/visitor/session/end", {"POST": _across_origins(self._end), "OPTIONS": _preflight}),
        ]

    async def _admit(self, request: Request) -> Response:
        self._take(request)
        body = await read_json(request, VisitorSession)
        site = await self._site(body.site, request.headers.get("origin"))
        if body.identity is not None:
            raise Refused(Code.INVALID, "Leave out the field identity: this site has no secret to check it with.")
        if site.consent and not body.consent and not await self._is_known(site.key, body.token):
            return json_response(VisitorSessionToken(None, None, None, public_json(site)))
        token, visitor = await self._identities.admit_visitor(site.key, body.token)
        return json_response(VisitorSessionToken(token, visitor.id, rfc3339(visitor.expires_at_ms), public_json(site)))

    async def _end(self, request: Request) -> Response:
        """Answers the same for an unknown token, so that it may be sent twice. A page that the site no longer lists may end, too."""
        self._take(request)
        body = await read_json(request, VisitorSessionEnd)
        visitor = await self._identities.end_visitor(body.token)
        if visitor is not None:
            await self._revocations.announce_visitor(visitor.site_key, visitor.id)
        return no_content()

    async def _is_known(self, site_key: str, token: str | None) -> bool:
        """True for a good token of the site: its visitor consented when they got it (requirement W-08)."""
        known = await self._identities.visitor(token) if token else None
        return known is not None and known.site_key == site_key

    async def _site(self, site_key: str, origin: str | None) -> Site:
        site = await self._identities.site(site_key)
        if site is None:
            raise Refused(Code.NOT_FOUND, "There is no such site.")
        allowed = await self._identities.visitor_origin_allowed(site_key, origin)
        await self._loads.note(site_key, origin, allowed=allowed)
        if not allowed:
            raise Refused(Code.ORIGIN_REFUSED, "Add this page's origin to the site's settings.")
        if not site.enabled:
            wait_ms = random.randint(*OFF_RETRY_MS)  # noqa: S311 - no secret
            raise Refused(Code.SITE_DISABLED, "Live chat is switched off for this site.", wait_ms)
        return site

    def _take(self, request: Request) -> None:
        """Loopback is exempt: an undeclared proxy there would make all visitors share one count."""
        address = client_address(request.scope, self._trusted_proxies)
        if is_loopback(address):
            return
        wait_ms = self._throttle.take(client_network(address), self._clock())
        if wait_ms:
            raise too_fast("Too many sessions from this address", wait_ms)


def _across_origins(handler: Handler) -> Handler:
    """Lets the calling page read the response, also a refusal, so that it knows whether a retry is useful."""

    async def with_cors(request: Request) -> Response:
        try:
            response = await handler(request)
        except Refused as refused:
            response = problem(refused)
        return _readable(request, response)

    return with_cors


async def _preflight(request: Request) -> Response:
    """Permits any origin: the body names the site, and a preflight has none. The response to the POST decides."""
    response = Response(status_code=204)
    response.headers["access-control-allow-methods"] = "POST"
    response.headers["access-control-allow-headers"] = "content-type"
    response.headers["access-control-max-age"] = str(PREFLIGHT_S)
    return _readable(request, response)


def _readable(request: Request, response: Response) -> Response:
    origin = request.headers.get("origin")
    response.headers["vary"] = "Origin"
    if origin is not None and parse_origin(origin) is not None:
        response.headers["access-control-allow-origin"] = origin
    return response
