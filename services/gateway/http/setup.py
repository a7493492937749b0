"""Routes of the set-up page, which creates the first site and its administrator. Refused once there is a site."""

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.gateway.accounts import site_settings, validation
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.model import Agent, Site
from services.gateway.accounts.password_rule import PASSWORD_BOUNDS, new_password, texts_around
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.setup import Setup
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.throttle import Rule
from services.gateway.client_info.address import Network, client_address, client_network
from services.gateway.http.auth import require_own_page
from services.gateway.http.problems import Guard, json_response, name_caller, no_content, too_fast
from services.gateway.http.request_body import checked, read_json

# A person mistypes a code a few times. Guessing 80 bits is hopeless; the rule bounds the work that attempts cause.
ADDRESS_RULE = Rule(burst=10, interval_ms=10_000)


class SetupState(msgspec.Struct, frozen=True):
    """`needed`: the installation has no site yet."""

    needed: bool


class FirstSite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The set-up code; the name and the first origin of the site; name, e-mail address and password of its administrator."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    site: str
    origin: str
    name: str
    email: str
    password: Annotated[str, PASSWORD_BOUNDS]


class SetupRoutes:
    """`/api/v1/setup`. `https_only`: the first origin must use HTTPS."""

    def __init__(
        self,
        setup: Setup,
        *,
        store: GatewayStore,
        identities: Identities,
        passwords: Passwords,
        trusted_proxies: Sequence[Network],
        https_only: bool,
        clock: Callable[[], int],
        new_id: Callable[[], str],
    ) -> None:
        self._setup = setup
        self._store = store
        self._identities = identities
        self._passwords = passwords
        self._trusted_proxies = trusted_proxies
        self._https_only = https_only
        self._clock = clock
        self._new_id = new_id

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        return [guard.route("/api/v1/setup", {"GET": self._show, "POST": self._complete})]

    async def _show(self, _: Request) -> Response:
        return json_response(SetupState(await self._setup.needed()))

    async def _complete(self, request: Request) -> Response:
        """The first valid request consumes the code. Its sender then signs in."""
        require_own_page(request, self._identities)
        await self._setup.require_needed()
        address = client_network(client_address(request.scope, self._trusted_proxies))
        name_caller(request, network=address)
        wait_ms = await self._store.throttles.take(f"setup address {address}", ADDRESS_RULE, self._clock())
        if wait_ms:
            raise too_fast("Too many attempts", wait_ms)
        body = await read_json(request, FirstSite)
        await self._setup.check(body.code)
        site, administrator = first_records(body, agent_id=self._new_id(), https_only=self._https_only)
        with self._passwords.slot(address) as hashing:
            password_hash = await hashing.hash(body.password)
        administrator = msgspec.structs.replace(administrator, password_hash=password_hash)
        await self._setup.complete(body.code, site, administrator)
        name_caller(request, agent=administrator.id)
        return no_content()


def first_records(body: FirstSite, *, agent_id: str, https_only: bool) -> tuple[Site, Agent]:
    """The records of the first site and its administrator, without a password. Refuses bad values (invalid)."""
    name = checked("site", validation.name, body.site)
    origin = checked("origin", lambda text: site_settings.first_origin(text, https_only=https_only), body.origin)
    site = Site(key=site_settings.key_of(name), name=name, enabled=True, origins=(origin,))
    administrator = Agent(
        id=agent_id,
        site=site.key,
        email=checked("email", validation.email, body.email),
        name=checked("name", validation.name, body.name),
        role="administrator",
        password_hash="",
    )
    known = texts_around(administrator.name, administrator.email, site.key, site)
    checked("password", lambda text: new_password(text, known), body.password)
    return site, administrator
