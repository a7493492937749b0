"""Routes with which invited agents set a password. Tokens travel in bodies only; guessing is throttled (requirement I-19)."""

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.text.email import displayed
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.model import Agent
from services.gateway.accounts.password_rule import PASSWORD_BOUNDS, new_password, texts_around
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.throttle import Rule
from services.gateway.client_info.address import Network, client_address, client_network
from services.gateway.http.auth import Revocations, require_own_page, set_password
from services.gateway.http.problems import Guard, json_response, no_content, too_fast
from services.gateway.http.request_body import checked, read_json

# Guessing 256 bits is hopeless; the rule bounds the work that attempts cause.
ADDRESS_RULE = Rule(burst=30, interval_ms=2000)


class Token(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of an invitation."""

    token: Annotated[str, msgspec.Meta(max_length=128)]


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The token of an invitation, and the password to set."""

    token: Annotated[str, msgspec.Meta(max_length=128)]
    password: Annotated[str, PASSWORD_BOUNDS]


class Invitee(msgspec.Struct, frozen=True):
    """The agent that an invitation belongs to."""

    name: str
    email: str


class InvitationRoutes:
    """`/api/v1/invitation…`."""

    def __init__(
        self,
        invitations: Invitations,
        *,
        store: GatewayStore,
        identities: Identities,
        passwords: Passwords,
        revocations: Revocations,
        trusted_proxies: Sequence[Network],
        clock: Callable[[], int],
    ) -> None:
        self._invitations = invitations
        self._store = store
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
        await self._check_caller(request)
        agent = await self._agent((await read_json(request, Token)).token)
        return json_response(Invitee(agent.name, displayed(agent.email)))

    async def _accept(self, request: Request) -> Response:
        """Sets the password and ends all earlier sessions. The first valid password consumes the token."""
        address = await self._check_caller(request)
        body = await read_json(request, NewPassword)
        agent = await self._agent(body.token)
        site = await self._identities.site(agent.site)
        known = texts_around(agent.name, agent.email, agent.site, site)
        password = checked("password", lambda text: new_password(text, known), body.password)
        with self._passwords.slot(address) as hashing:
            password_hash = await hashing.hash(password)
        if not await self._invitations.take(body.token):
            raise _no_invitation()
        await set_password(self._store, self._revocations, agent.site, agent.id, password_hash)
        return no_content()

    async def _agent(self, token: str) -> Agent:
        agent = await self._invitations.agent(token)
        if agent is None:
            raise _no_invitation()
        return agent

    async def _check_caller(self, request: Request) -> str:
        """The network of the caller."""
        require_own_page(request, self._identities)
        address = client_network(client_address(request.scope, self._trusted_proxies))
        wait_ms = await self._store.throttles.take(f"invitation address {address}", ADDRESS_RULE, self._clock())
        if wait_ms:
            raise too_fast("Too many attempts", wait_ms)
        return address


def _no_invitation() -> Refused:
    return Refused(Code.NOT_FOUND, "This link was used or has expired. Ask an administrator for a new one.")
