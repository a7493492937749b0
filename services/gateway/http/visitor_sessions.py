"""A visitor's browser gets its token: from a page of the site's own, across origins, with no cookie at all."""

import math
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.times import rfc3339
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.model import Site
from services.gateway.accounts.origins import parse_origin
from services.gateway.accounts.throttle import Rule, take
from services.gateway.client_info.address import Network, client_address, household, is_loopback
from services.gateway.http.problems import Guard, Handler, json_response, problem
from services.gateway.http.request_body import read_json
from services.gateway.http.site import public_json

# A page view is one call; an office behind one address opens many pages, a script that fills the database many more.
ADDRESS_RULE = Rule(burst=120, interval_ms=500)
# Addresses remembered by one process; the ones not heard of for longest are forgotten first.
MOST_ADDRESSES = 50_000
# How long a browser remembers that it may ask, in seconds.
PREFLIGHT_S = 600


class VisitorSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body. `token` is an earlier one of this browser, `identity` what the site's own sign-in says, `consent` that the
    visitor agreed to be remembered.
    """

    site: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    token: Annotated[str, msgspec.Meta(max_length=128)] | None = None
    identity: Annotated[str, msgspec.Meta(max_length=8192)] | None = None
    consent: bool = False


class AddressThrottle:
    """How often each client address may ask one process. Every gateway counts by itself: this bounds work, not guesses."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._full_at_ms: dict[str, int] = {}

    def take(self, address: str, now_ms: int) -> int:
        """0 when granted, else milliseconds until the next one."""
        taken = take(self._rule, self._full_at_ms.pop(address, 0), now_ms)
        self._full_at_ms[address] = taken.full_at_ms
        if len(self._full_at_ms) > MOST_ADDRESSES:
            del self._full_at_ms[next(iter(self._full_at_ms))]
        return taken.retry_ms


class VisitorSessionRoutes:
    """`/api/v1/visitor/session`."""

    def __init__(self, *, identities: Identities, trusted_proxies: Sequence[Network], clock: Callable[[], int]) -> None:
        self._identities = identities
        self._trusted_proxies = trusted_proxies
        self._clock = clock
        self._throttle = AddressThrottle(ADDRESS_RULE)

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        handlers = {"POST": _across_origins(self._admit), "OPTIONS": _preflight}
        return [guard.route("/api/v1/visitor/session", handlers)]

    async def _admit(self, request: Request) -> Response:
        self._take(request)
        body = await read_json(request, VisitorSession)
        site = await self._site(body.site, request.headers.get("origin"))
        if body.identity is not None:
            raise Refused(Code.INVALID, "The field identity is refused: this site has no secret to check it with.")
        if site.consent and not body.consent and not await self._is_known(site.key, body.token):
            return json_response({"token": None, "visitor": None, "expires_at": None, "site": public_json(site)})
        token, visitor = await self._identities.admit_visitor(site.key, body.token)
        return json_response(
            {
                "token": token,
                "visitor": visitor.visitor,
                "expires_at": rfc3339(visitor.expires_at_ms),
                "site": public_json(site),
            }
        )

    async def _is_known(self, site: str, token: str | None) -> bool:
        """Who has a token agreed when they got it (W-08)."""
        known = await self._identities.visitor(token) if token else None
        return known is not None and known.site == site

    async def _site(self, key: str, origin: str | None) -> Site:
        site = await self._identities.site(key)
        if site is None:
            raise Refused(Code.NOT_FOUND, "There is no such site.")
        if not await self._identities.visitor_origin_allowed(key, origin):
            raise Refused(Code.ORIGIN_REFUSED, "This page's origin is not one of the site's.")
        if not site.enabled:
            raise Refused(Code.SITE_DISABLED, "Live chat is switched off for this site.")
        return site

    def _take(self, request: Request) -> None:
        """Loopback goes free: there sits a proxy that nobody declared, whose one count would be everybody's."""
        address = client_address(request.scope, self._trusted_proxies)
        if is_loopback(address):
            return
        wait_ms = self._throttle.take(household(address), self._clock())
        if wait_ms:
            wait_s = math.ceil(wait_ms / 1000)
            raise Refused(Code.TOO_FAST, f"Too many sessions from this address; try again in {wait_s} s.", wait_ms)


def _across_origins(handler: Handler) -> Handler:
    """Lets the asking page read the answer, refusals too, so that it knows that asking again is of no use."""

    async def answered(request: Request) -> Response:
        try:
            response = await handler(request)
        except Refused as refused:
            response = problem(refused)
        return _readable(request, response)

    return answered


async def _preflight(request: Request) -> Response:
    """Which site is asked for stands in the body, which comes later: so any page may ask, and the answer decides."""
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
