"""Routes of the session: agents sign in and out."""

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from services.gateway.accounts.identity import (
    DEVICE_COOKIE,
    PLAIN_DEVICE_COOKIE,
    PLAIN_SESSION_COOKIE,
    SESSION_COOKIE,
    SESSION_MS,
    AgentIdentity,
    Identities,
    device_cookie,
    session_secret,
)
from services.gateway.accounts.model import Agent
from services.gateway.accounts.passwords import Hashing, Passwords
from services.gateway.accounts.sign_in_throttle import DEVICE_MS, SignInThrottle
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.validation import account_key
from services.gateway.client_info.address import Network, client_address, client_network
from services.gateway.http.auth import Revocations, require_own_page
from services.gateway.http.problems import Guard, name_caller, no_content, too_fast
from services.gateway.http.request_body import read_json


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bounds are the length of an e-mail address, and of a password worth hashing."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class SessionRoutes:
    """`/api/v1/session`."""

    def __init__(
        self,
        *,
        store: GatewayStore,
        identities: Identities,
        passwords: Passwords,
        revocations: Revocations,
        trusted_proxies: Sequence[Network],
        cookie_secure: bool,
        clock: Callable[[], int],
    ) -> None:
        self._store = store
        self._identities = identities
        self._passwords = passwords
        self._revocations = revocations
        self._trusted_proxies = trusted_proxies
        self._cookie_secure = cookie_secure
        self._throttle = SignInThrottle(store, clock)

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        return [guard.route("/api/v1/session", {"POST": self._sign_in, "DELETE": self._sign_out})]

    async def _sign_in(self, request: Request) -> Response:
        require_own_page(request, self._identities)
        body = await read_json(request, SignIn)
        address = client_network(client_address(request.scope, self._trusted_proxies))
        name_caller(request, network=address)
        # The slot comes first: a flood from one address causes no work in the database either.
        with self._passwords.slot(address) as hashing:
            agent = await self._proven(body, address, device_cookie(request.cookies), hashing)
        name_caller(request, agent=agent.id)
        device = await self._throttle.remember(agent, device_cookie(request.cookies))
        await self._end(request)
        secret, _ = await self._identities.sign_in(
            agent,
            address=client_address(request.scope, self._trusted_proxies),
            user_agent=request.headers.get("user-agent", ""),
        )
        response = self._with_cookie(request, secret, SESSION_MS // 1000)
        self._set_cookie(
            response, DEVICE_COOKIE if self._cookie_secure else PLAIN_DEVICE_COOKIE, device, DEVICE_MS // 1000
        )
        return response

    async def _proven(self, body: SignIn, address: str, device: str, hashing: Hashing) -> Agent:
        """The agent of the e-mail address and password. A failed attempt is counted."""
        email = account_key(body.email)
        agent = await self._store.agent_by_email(email)
        throttles = await self._throttle.throttles(email, agent, address, device)
        wait_ms = await self._throttle.take(throttles)
        if wait_ms:
            raise too_fast("Too many failed sign-ins", wait_ms)
        password_hash = None if agent is None or agent.disabled else agent.password_hash or None
        matches = await hashing.matches(body.password, password_hash)
        if agent is None or not matches:
            raise Refused(Code.WRONG_CREDENTIALS, "E-mail and password do not match an account.")
        await self._throttle.give_back(throttles)
        if hashing.is_outdated(agent.password_hash):
            renewed = await hashing.hash(body.password)
            await self._store.renew_password_hash(agent, renewed)
        return agent

    async def _sign_out(self, request: Request) -> Response:
        """Ends the session. Responds the same without a session."""
        require_own_page(request, self._identities)
        agent = await self._end(request)
        if agent is not None:
            name_caller(request, agent=agent.id)
        return self._with_cookie(request, "", 0)

    async def _end(self, request: Request) -> AgentIdentity | None:
        """Ends the browser's session; returns its agent."""
        agent = await self._identities.agent(session_secret(request.cookies))
        if agent is not None:
            await self._identities.sign_out(agent.session_id)
            await self._revocations.announce(agent.site_key, agent.id, agent.session_id)
        return agent

    def _with_cookie(self, request: Request, value: str, max_age_s: int) -> Response:
        """The answer with the session cookie; it also removes a cookie from before the prefix."""
        response = no_content()
        if self._cookie_secure and PLAIN_SESSION_COOKIE in request.cookies:
            response.delete_cookie(PLAIN_SESSION_COOKIE, secure=True, httponly=True, samesite="strict")
        self._set_cookie(response, SESSION_COOKIE if self._cookie_secure else PLAIN_SESSION_COOKIE, value, max_age_s)
        return response

    def _set_cookie(self, response: Response, name: str, value: str, max_age_s: int) -> None:
        response.set_cookie(
            name, value, max_age=max_age_s, path="/", secure=self._cookie_secure, httponly=True, samesite="strict"
        )
