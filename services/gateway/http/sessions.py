"""Agents sign in and out."""

import math
from collections.abc import Callable, Sequence
from typing import Annotated, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from services.gateway.accounts.identity import SESSION_COOKIE, SESSION_MS, Identities
from services.gateway.accounts.model import Agent
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.throttle import Rule
from services.gateway.client_info.address import Network, client_address, household
from services.gateway.http.auth import require_own_page
from services.gateway.http.problems import Guard
from services.gateway.http.records import Revocations
from services.gateway.http.request_body import read_json

# Takes that end in a sign-in are given back, so both count failures. A person mistypes some times in a row; a guesser gets
# 8,640 tries a day at one account, which no password that is not on a list falls to.
EMAIL_RULE = Rule(burst=10, interval_ms=10_000)
# An office behind one address mistypes more; a list of stolen passwords from one address is slowed to a crawl.
ADDRESS_RULE = Rule(burst=30, interval_ms=2000)


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a sign-in. The bounds are those of e-mail, and of what is worth hashing."""

    email: Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class AgentAccounts(Protocol):
    """Where agents are looked up, and the counts of failed sign-ins that all gateways share."""

    async def agent_by_email(self, email: str) -> Agent | None: ...
    async def take(self, key: str, rule: Rule, now_ms: int) -> int: ...
    async def give_back(self, key: str, rule: Rule) -> None: ...


class SessionRoutes:
    """`/api/v1/session`."""

    def __init__(
        self,
        *,
        accounts: AgentAccounts,
        identities: Identities,
        passwords: Passwords,
        revocations: Revocations,
        trusted_proxies: Sequence[Network],
        cookie_secure: bool,
        clock: Callable[[], int],
    ) -> None:
        self._accounts = accounts
        self._identities = identities
        self._passwords = passwords
        self._revocations = revocations
        self._trusted_proxies = trusted_proxies
        self._cookie_secure = cookie_secure
        self._clock = clock

    def routes(self, guard: Guard) -> list[Route]:
        """The routes of this file."""
        return [guard.route("/api/v1/session", {"POST": self._sign_in, "DELETE": self._sign_out})]

    async def _sign_in(self, request: Request) -> Response:
        require_own_page(request, self._identities)
        body = await read_json(request, SignIn)
        email = body.email.strip().lower()
        throttles = self._throttles(request, email)
        await self._take(throttles)
        agent = await self._accounts.agent_by_email(email)
        kept = None if agent is None or agent.disabled else agent.password_hash or None
        matches = await self._passwords.matches(body.password, kept)
        if agent is None or not matches:
            raise Refused(Code.WRONG_CREDENTIALS, "E-mail and password do not match an account.")
        for key, rule in throttles:
            await self._accounts.give_back(key, rule)
        secret, _ = await self._identities.sign_in(agent)
        return self._with_cookie(secret, SESSION_MS // 1000)

    async def _sign_out(self, request: Request) -> Response:
        """Ends the session, if there is one: who is signed out already gets the same answer."""
        require_own_page(request, self._identities)
        agent = await self._identities.agent(request.cookies.get(SESSION_COOKIE, ""))
        if agent is not None:
            await self._identities.sign_out(agent.session)
            await self._revocations.announce(agent.site, agent.agent, agent.session)
        return self._with_cookie("", 0)

    def _throttles(self, request: Request, email: str) -> list[tuple[str, Rule]]:
        address = household(client_address(request.scope, self._trusted_proxies))
        return [(f"sign-in e-mail {email}", EMAIL_RULE), (f"sign-in address {address}", ADDRESS_RULE)]

    async def _take(self, throttles: list[tuple[str, Rule]]) -> None:
        for key, rule in throttles:
            wait_ms = await self._accounts.take(key, rule, self._clock())
            if wait_ms:
                wait_s = math.ceil(wait_ms / 1000)
                raise Refused(Code.TOO_FAST, f"Too many failed sign-ins; try again in {wait_s} s.", wait_ms)

    def _with_cookie(self, value: str, max_age_s: int) -> Response:
        response = Response(status_code=204, headers={"cache-control": "no-store"})
        response.set_cookie(
            SESSION_COOKIE,
            value,
            max_age=max_age_s,
            path="/",
            secure=self._cookie_secure,
            httponly=True,
            samesite="strict",
        )
        return response
