"""Who may have a socket: the handshake's headers first, then the `hello`. Nothing is told of why beyond the code."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from kit.codes import Close
from kit.ids import visitor_label
from services.gateway.accounts.identity import SESSION_COOKIE, Identities
from services.gateway.connection.connection import AGENT, VISITOR, PeerIdentity
from services.gateway.connection.frames import Hello
from services.gateway.connection.token_bucket import TokenBucket

# People who are connected or were a moment ago: leaving and coming back does not refill their allowance.
MAX_MESSAGE_BUCKETS = 20_000


class AuthenticationRefused(Exception):
    """The socket is closed with this code."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Authenticated(NamedTuple):
    who: PeerIdentity
    messages_allowed: TokenBucket
    expires_at_ms: int | None


class Authenticator:
    """Turns a handshake and a hello into somebody."""

    def __init__(self, identities: Identities, *, message_rate: float, message_burst: float) -> None:
        self._identities = identities
        self._new_bucket: Callable[[], TokenBucket] = lambda: TokenBucket(message_rate, message_burst)
        self._allowances: dict[tuple[str, str, str], TokenBucket] = {}

    def may_knock(self, kind: str, headers: Headers) -> bool:
        """Before the accept (I-23). A visitor's site is known only after the hello, which then asks for the site's own rules."""
        origin = headers.get("origin")
        if kind == AGENT:
            return self._identities.dashboard_origin_allowed(origin, headers.get("host", ""))
        return origin is not None and origin.startswith(("http://", "https://"))

    async def visitor(self, headers: Headers, hello: Hello) -> Authenticated:
        """NotAdmitted when the token is nobody's, or the page is not the site's."""
        identity = await self._identities.visitor(hello.token or "")
        if identity is None:
            raise AuthenticationRefused(Close.NOT_SIGNED_IN, "The token is not known, or has expired.")
        if not await self._identities.visitor_origin_allowed(identity.site_key, headers.get("origin")):
            raise AuthenticationRefused(Close.FORBIDDEN, "The page's origin is not one of the site's.")
        if not await self._identities.site_enabled(identity.site_key):
            raise AuthenticationRefused(Close.FORBIDDEN, "Live chat is switched off for this site.")
        who = PeerIdentity(VISITOR, identity.site_key, identity.id, visitor_label(identity.id))
        return Authenticated(who, self._allowance(who), identity.expires_at_ms)

    async def agent(self, headers: Headers) -> Authenticated:
        """NotAdmitted when the cookie opens no session."""
        cookie = _cookies(headers).get(SESSION_COOKIE, "")
        identity = await self._identities.agent(cookie) if cookie else None
        if identity is None:
            raise AuthenticationRefused(Close.NOT_SIGNED_IN, "Nobody is signed in.")
        who = PeerIdentity(
            AGENT, identity.site_key, identity.id, identity.name, identity.role, identity.session_id, cookie
        )
        return Authenticated(who, self._allowance(who), None)

    def _allowance(self, who: PeerIdentity) -> TokenBucket:
        key = (who.site, who.kind, who.id)
        bucket = self._allowances.pop(key, None) or self._new_bucket()
        self._allowances[key] = bucket
        if len(self._allowances) > MAX_MESSAGE_BUCKETS:
            del self._allowances[next(iter(self._allowances))]
        return bucket


def _cookies(headers: Headers) -> Mapping[str, str]:
    return cookie_parser(headers.get("cookie", ""))
