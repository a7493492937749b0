"""Authenticates visitors by token and agents by session cookie, and checks sites and origins.

Every query of the gateway takes its site from an identity of this module, never from a request body. Secrets are 256 random
bits; only their SHA-256 is stored.
"""

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Literal

import msgspec

from kit.vocabulary import AgentRole, Language
from services.gateway.accounts.model import Agent, Session, Site, VisitorToken
from services.gateway.accounts.origins import PublicOrigins, allowed, same_origin
from services.gateway.accounts.store import GatewayStore

# A browser accepts the prefix with `Secure`, `Path=/` and no domain only, so that no other host can set the cookie.
SESSION_COOKIE = "__Host-palique_session"
# The browsers that agents signed in with (`sign_in_throttle`). It is no session.
DEVICE_COOKIE = "__Host-palique_device"
PLAIN_DEVICE_COOKIE = "palique_device"
# Without HTTPS, and of sign-ins before the prefix.
PLAIN_SESSION_COOKIE = "palique_session"
# The output of `secrets.token_urlsafe(32)`; other text is refused without a database query.
SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
SITE_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
# How long a site is cached. A switched-off site stops within this time on every gateway.
SITE_CACHE_MS = 1000
# Unknown keys are cached too, and clients choose them.
MAX_SITES = 1000
# Two weeks: agents rarely sign in again, and a stolen cookie expires.
SESSION_MS = 14 * 24 * 3600 * 1000
# Longer than a weekend. An open dashboard counts as use.
SESSION_IDLE_MS = 72 * 3600 * 1000
# The last use is written this often at most.
SEEN_STEP_MS = 5 * 60 * 1000
# A visitor is recognised for a year after the last visit.
VISITOR_MS = 365 * 24 * 3600 * 1000
# Real headers have 100 to 300 characters.
MAX_USER_AGENT = 512
# The expiry is written at most once a day, so that most page views write nothing.
RENEW_MS = 24 * 3600 * 1000


class VisitorIdentity(msgspec.Struct, frozen=True):
    """A visitor, authenticated by a token of the site."""

    id: str
    site_key: str
    expires_at_ms: int


class AgentIdentity(msgspec.Struct, frozen=True):
    """An agent, authenticated by a session cookie. `session_id` names the session and is no secret."""

    id: str
    site_key: str
    name: str
    role: AgentRole
    session_id: str
    email: str = ""
    photo: str = ""
    language: Language | Literal[""] = ""
    proven_at_ms: int = 0


class Identities:
    """Authenticates tokens and cookies. `clock` returns milliseconds since 1970. `find_token` finds a visitor's token by its hash;
    the default is the store. `public` are the installation's own origins. A session ends `session_idle_ms` after its last use.
    """

    def __init__(
        self,
        store: GatewayStore,
        *,
        clock: Callable[[], int],
        new_id: Callable[[], str],
        find_token: Callable[[str], Awaitable[VisitorToken | None]] | None = None,
        public: PublicOrigins | None = None,
        session_idle_ms: int = SESSION_IDLE_MS,
    ) -> None:
        self.public = public or PublicOrigins()
        self._session_idle_ms = session_idle_ms
        self._store = store
        self._find_token = find_token or store.visitor_token
        self._clock = clock
        self._new_id = new_id
        self._sites: dict[str, tuple[int, Site | None]] = {}

    async def visitor(self, token: str) -> VisitorIdentity | None:
        """The visitor of a token; None for an unknown or expired token."""
        found = await self._find_token(hash_of(token)) if SECRET.fullmatch(token) else None
        if found is None or found.expires_at_ms <= self._clock():
            return None
        return VisitorIdentity(id=found.visitor_id, site_key=found.site_key, expires_at_ms=found.expires_at_ms)

    async def agent(self, cookie: str) -> AgentIdentity | None:
        """The agent of a cookie value; None for an unknown, expired, idle or ended session and for a disabled agent."""
        session = await self._store.session(hash_of(cookie)) if SECRET.fullmatch(cookie) else None
        if session is None or not self.is_open(session):
            return None
        agent = await self._store.agent(session.site_key, session.agent_id)
        if agent is None or agent.disabled:
            return None
        if self._clock() - session.seen_at_ms >= SEEN_STEP_MS:
            await self._store.see_session(session.id, self._clock())
        return AgentIdentity(
            id=agent.id,
            site_key=agent.site,
            name=agent.name,
            role=agent.role,
            session_id=session.id,
            email=agent.email,
            photo=agent.photo,
            language=agent.language,
            proven_at_ms=max(session.created_at_ms, session.proven_at_ms),
        )

    def is_open(self, session: Session) -> bool:
        """False for a session that is expired or was not used for too long."""
        now = self._clock()
        # A session of an earlier version has no time of its last use before the first use.
        is_idle = session.seen_at_ms > 0 and session.seen_at_ms + self._session_idle_ms <= now
        return session.expires_at_ms > now and not is_idle

    async def site(self, key: str) -> Site | None:
        """The site of a key; the record is at most SITE_CACHE_MS old."""
        if not SITE_KEY.fullmatch(key):
            return None
        now = self._clock()
        until, site = self._sites.get(key, (0, None))
        if until <= now:
            site = await self._store.site(key)
            self._cache(key, now + SITE_CACHE_MS, site)
        return site

    def forget_site(self, key: str) -> None:
        """Drops the site from the cache, after a change."""
        self._sites.pop(key, None)

    async def visitor_origin_allowed(self, site_key: str, origin: str | None) -> bool:
        """True when the site's rules contain the origin; False without an origin."""
        found = await self.site(site_key)
        return found is not None and allowed(origin, found.origins)

    def dashboard_origin_allowed(self, origin: str | None, host: str) -> bool:
        """True when the origin is the one that served the dashboard, according to the request's `Host`, and is one of ours."""
        return same_origin(origin, host) and self.public.contains(origin)

    async def site_enabled(self, site_key: str) -> bool:
        """False for a site that is switched off or unknown."""
        found = await self.site(site_key)
        return found is not None and found.enabled

    async def sign_in(self, agent: Agent, *, address: str = "", user_agent: str = "") -> tuple[str, Session]:
        """Creates a session; `address` and `user_agent` are the client's. Returns the cookie's secret, which is not stored, and the record."""
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        session = Session(
            id=hash_of(secret),
            agent_id=agent.id,
            site_key=agent.site,
            expires_at_ms=now + SESSION_MS,
            created_at_ms=now,
            seen_at_ms=now,
            address=address,
            user_agent=user_agent[:MAX_USER_AGENT],
        )
        await self._store.add_session(session)
        return secret, session

    async def sign_out(self, session_id: str) -> None:
        """Ends a session."""
        await self._store.drop_session(session_id)

    async def admit_visitor(self, site_key: str, token: str | None) -> tuple[str, VisitorIdentity]:
        """The visitor of an earlier token of this site, else a new visitor; with the token to use from now on."""
        known = await self.visitor(token) if token else None
        if token and known is not None and known.site_key == site_key:
            return token, await self._renewed(token, known)
        return await self._new_visitor(site_key)

    async def end_visitor(self, token: str) -> VisitorIdentity | None:
        """Ends a visitor's only token. Returns the visitor; None when the token was not valid."""
        known = await self.visitor(token)
        if known is not None:
            await self._store.drop_visitor_token(hash_of(token))
        return known

    async def _new_visitor(self, site_key: str) -> tuple[str, VisitorIdentity]:
        token = secrets.token_urlsafe(32)
        identity = VisitorIdentity(id=self._new_id(), site_key=site_key, expires_at_ms=self._clock() + VISITOR_MS)
        await self._store.add_visitor_token(
            VisitorToken(
                id=hash_of(token), site_key=site_key, visitor_id=identity.id, expires_at_ms=identity.expires_at_ms
            )
        )
        return token, identity

    async def _renewed(self, token: str, known: VisitorIdentity) -> VisitorIdentity:
        expires_at_ms = self._clock() + VISITOR_MS
        if expires_at_ms - known.expires_at_ms < RENEW_MS:
            return known
        await self._store.renew_visitor_token(hash_of(token), expires_at_ms)
        return msgspec.structs.replace(known, expires_at_ms=expires_at_ms)

    def _cache(self, key: str, until: int, site: Site | None) -> None:
        self._sites.pop(key, None)
        self._sites[key] = (until, site)
        if len(self._sites) > MAX_SITES:
            del self._sites[next(iter(self._sites))]


def session_secret(cookies: Mapping[str, str]) -> str:
    """The secret in the session cookie, empty without one."""
    return cookies.get(SESSION_COOKIE) or cookies.get(PLAIN_SESSION_COOKIE, "")


def device_cookie(cookies: Mapping[str, str]) -> str:
    """The device cookie, empty without one."""
    return cookies.get(DEVICE_COOKIE) or cookies.get(PLAIN_DEVICE_COOKIE, "")


def hash_of(secret: str) -> str:
    """The stored form of a secret, SHA-256 in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
