"""Authentication of a connection: first the headers of the handshake, then the `hello`. A refusal has a code and no more detail."""

from collections.abc import Mapping
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from kit.codes import Close, Code
from kit.ids import visitor_label
from services.gateway.accounts.identity import Identities, session_secret
from services.gateway.connection.frames import Hello
from services.gateway.connection.peer import AGENT, VISITOR, PeerIdentity
from services.gateway.connection.token_bucket import BucketTable, TokenBucket


class AuthenticationRefused(Exception):
    """The connection is closed with this code."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Authenticated(NamedTuple):
    """A proven identity, the rate limits of its messages, and the end of its session."""

    identity: PeerIdentity
    messages_allowed: tuple[TokenBucket, ...]
    expires_at_ms: int | None


class Authenticator:
    """Proves the identity of visitors by their token and of agents by their cookie."""

    def __init__(
        self, identities: Identities, *, messages_of_persons: BucketTable, messages_of_networks: BucketTable
    ) -> None:
        """The limit of a network is for its visitors, any number of which a browser can become; agents are invited."""
        self._identities = identities
        self._of_persons = messages_of_persons
        self._of_networks = messages_of_networks

    def check_handshake(self, kind: str, headers: Headers) -> bool:
        """Checks `Host` and `Origin` before the accept (requirement I-23).

        A visitor's site is known only after the hello; `visitor` then checks the origins of that site.
        """
        origin, host = headers.get("origin"), headers.get("host", "")
        if not self._identities.public.serves(host):
            return False
        if kind == AGENT:
            return self._identities.dashboard_origin_allowed(origin, host)
        return origin is not None and origin.startswith(("http://", "https://"))

    async def visitor(self, headers: Headers, hello: Hello, network: str | None) -> Authenticated:
        """AuthenticationRefused when the token is not valid, the origin is not the site's, or the site is disabled."""
        visitor = await self._identities.visitor(hello.token or "")
        if visitor is None:
            raise AuthenticationRefused(Close.NOT_SIGNED_IN, "The token is not known, or has expired.")
        if not await self._identities.visitor_origin_allowed(visitor.site_key, headers.get("origin")):
            raise AuthenticationRefused(Close.FORBIDDEN, "The page's origin is not one of the site's.")
        if not await self._identities.site_enabled(visitor.site_key):
            raise AuthenticationRefused(Close.FORBIDDEN, Code.SITE_DISABLED)
        identity = PeerIdentity(VISITOR, visitor.site_key, visitor.id, visitor_label(visitor.id))
        of_network = () if network is None else (self._of_networks.of(network),)
        return Authenticated(identity, (self._of_person(identity), *of_network), visitor.expires_at_ms)

    async def agent(self, headers: Headers) -> Authenticated:
        """AuthenticationRefused when the cookie belongs to no session."""
        cookie = session_secret(_cookies(headers))
        agent = await self._identities.agent(cookie) if cookie else None
        if agent is None:
            raise AuthenticationRefused(Close.NOT_SIGNED_IN, "There is no session.")
        identity = PeerIdentity(AGENT, agent.site_key, agent.id, agent.name, agent.role, agent.session_id, cookie)
        return Authenticated(identity, (self._of_person(identity),), None)

    def _of_person(self, identity: PeerIdentity) -> TokenBucket:
        return self._of_persons.of((identity.site, identity.kind, identity.id))


def _cookies(headers: Headers) -> Mapping[str, str]:
    return cookie_parser(headers.get("cookie", ""))
