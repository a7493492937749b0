"""Who is there: visitors by their token, agents by their session's cookie, sites by the origins that they allow.

What comes out of here is proven; every query of the gateway takes its site from it and never from a body. Secrets
are 256 random bits, kept as their SHA-256, and never written anywhere else.
"""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from kit.vocabulary import AgentRole
from services.gateway.accounts.model import Agent, Session, Site, VisitorToken
from services.gateway.accounts.origins import allowed, same_origin

SESSION_COOKIE = "palique_session"
# What `secrets.token_urlsafe(32)` makes; anything else is refused without asking the database.
SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
SITE_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# A site that is switched off stops within this time on every gateway; a crowd that reconnects asks once.
SITE_REMEMBERED_MS = 1000
# Keys that nobody has are remembered too, and clients choose them.
MAX_SITES = 1000
# A fortnight: an agent's working rhythm, and a stolen cookie does not last for ever.
SESSION_MS = 14 * 24 * 3600 * 1000
# Visitors who come back within a year are known again; each visit begins the year anew.
VISITOR_MS = 365 * 24 * 3600 * 1000
# The year is written anew at most once a day, so that a page view is no write.
RENEW_MS = 24 * 3600 * 1000


class VisitorIdentity(msgspec.Struct, frozen=True):
    """A visitor, proven by a token of this site."""

    site: str
    visitor: str
    expires_at_ms: int


class AgentIdentity(msgspec.Struct, frozen=True):
    """An agent, proven by a session's cookie. `session` names the session and opens nothing; `role` is agent or administrator."""

    site: str
    agent: str
    name: str
    role: AgentRole
    session: str
    email: str = ""
    photo: str = ""
    language: str = ""


class AccountReader(Protocol):
    """Where records are kept; each raises what the database raises."""

    async def site(self, key: str) -> Site | None: ...
    async def agent(self, site: str, agent: str) -> Agent | None: ...
    async def session(self, session: str) -> Session | None: ...
    async def add_session(self, session: Session) -> None: ...
    async def drop_session(self, session: str) -> None: ...
    async def visitor_token(self, token: str) -> VisitorToken | None: ...
    async def add_visitor_token(self, token: VisitorToken) -> None: ...
    async def renew_visitor_token(self, token: str, expires_at_ms: int) -> None: ...


class Identities:
    """Proves who somebody is. `clock` gives milliseconds since 1970, `new_id` a fresh id; `look_up` finds a visitor's token, when
    not `accounts` itself.
    """

    def __init__(
        self,
        accounts: AccountReader,
        *,
        clock: Callable[[], int],
        new_id: Callable[[], str],
        look_up: Callable[[str], Awaitable[VisitorToken | None]] | None = None,
    ) -> None:
        self._accounts = accounts
        self._look_up = look_up or accounts.visitor_token
        self._clock = clock
        self._new_id = new_id
        self._sites: dict[str, tuple[int, Site | None]] = {}

    async def visitor(self, token: str) -> VisitorIdentity | None:
        """The visitor whose token this is; None when it is nobody's or has expired."""
        found = await self._look_up(hash_of(token)) if SECRET.fullmatch(token) else None
        if found is None or found.expires_at_ms <= self._clock():
            return None
        return VisitorIdentity(site=found.site, visitor=found.visitor, expires_at_ms=found.expires_at_ms)

    async def agent(self, cookie: str) -> AgentIdentity | None:
        """The agent whose session's cookie value this is; None when signed out, expired, disabled or unknown."""
        session = await self._accounts.session(hash_of(cookie)) if SECRET.fullmatch(cookie) else None
        if session is None or session.expires_at_ms <= self._clock():
            return None
        agent = await self._accounts.agent(session.site, session.agent)
        if agent is None or agent.disabled:
            return None
        return AgentIdentity(
            site=agent.site,
            agent=agent.id,
            name=agent.name,
            role=agent.role,
            session=session.id,
            email=agent.email,
            photo=agent.photo,
            language=agent.language,
        )

    async def site(self, key: str) -> Site | None:
        """The site of a key, at most SITE_REMEMBERED_MS old."""
        if not SITE_KEY.fullmatch(key):
            return None
        now = self._clock()
        until, site = self._sites.get(key, (0, None))
        if until <= now:
            site = await self._accounts.site(key)
            self._remember(key, now + SITE_REMEMBERED_MS, site)
        return site

    def forget_site(self, key: str) -> None:
        """It was changed: the next look is at the database."""
        self._sites.pop(key, None)

    async def visitor_origin_allowed(self, site: str, origin: str | None) -> bool:
        """Whether the site's rules name the origin; an absent one is never allowed."""
        found = await self.site(site)
        return found is not None and allowed(origin, found.origins)

    def dashboard_origin_allowed(self, origin: str | None, host: str) -> bool:
        """Whether the origin is the one that the dashboard was served from, told by the request's `Host`."""
        return same_origin(origin, host)

    async def site_enabled(self, site: str) -> bool:
        """False for a site that is switched off or unknown."""
        found = await self.site(site)
        return found is not None and found.enabled

    async def sign_in(self, agent: Agent) -> tuple[str, Session]:
        """A new session: the cookie's secret, kept nowhere, and its record."""
        secret = secrets.token_urlsafe(32)
        session = Session(id=hash_of(secret), agent=agent.id, site=agent.site, expires_at_ms=self._clock() + SESSION_MS)
        await self._accounts.add_session(session)
        return secret, session

    async def sign_out(self, session: str) -> None:
        """Ends a session for good."""
        await self._accounts.drop_session(session)

    async def admit_visitor(self, site: str, token: str | None) -> tuple[str, VisitorIdentity]:
        """The visitor of an earlier token of this site, else a new one; with the token to use from now on."""
        known = await self.visitor(token) if token else None
        if token and known is not None and known.site == site:
            return token, await self._renewed(token, known)
        return await self._new_visitor(site)

    async def _new_visitor(self, site: str) -> tuple[str, VisitorIdentity]:
        token = secrets.token_urlsafe(32)
        identity = VisitorIdentity(site=site, visitor=self._new_id(), expires_at_ms=self._clock() + VISITOR_MS)
        await self._accounts.add_visitor_token(
            VisitorToken(id=hash_of(token), site=site, visitor=identity.visitor, expires_at_ms=identity.expires_at_ms)
        )
        return token, identity

    async def _renewed(self, token: str, known: VisitorIdentity) -> VisitorIdentity:
        expires_at_ms = self._clock() + VISITOR_MS
        if expires_at_ms - known.expires_at_ms < RENEW_MS:
            return known
        await self._accounts.renew_visitor_token(hash_of(token), expires_at_ms)
        return msgspec.structs.replace(known, expires_at_ms=expires_at_ms)

    def _remember(self, key: str, until: int, site: Site | None) -> None:
        self._sites.pop(key, None)
        self._sites[key] = (until, site)
        if len(self._sites) > MAX_SITES:
            del self._sites[next(iter(self._sites))]


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
