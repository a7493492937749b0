"""The gateway's HTTP side: the API that docs/protocol.md publishes, and the built web parts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute

from kit.logs import Log
from services.gateway.http.backends import Backends
from services.gateway.http.chats import ChatRoutes
from services.gateway.http.pages import PageRoutes
from services.gateway.http.problems import Guard
from services.gateway.http.sessions import AgentAccounts, Revocations, SessionRoutes
from services.gateway.http.signed_in import SignedIn
from services.gateway.http.tickets import Colleagues, TicketRoutes
from services.gateway.http.visitor_sessions import VisitorSessionRoutes
from services.gateway.http.visitors import VisitorRoutes
from services.gateway.identity import Identities
from services.gateway.passwords import Passwords
from services.gateway.places import Network


class Records(AgentAccounts, Colleagues, Protocol):
    """What the routes look up themselves; the store has it all."""


def routes(
    *,
    records: Records,
    identities: Identities,
    passwords: Passwords,
    backends: Backends,
    revocations: Revocations,
    trusted_proxies: Sequence[Network],
    web_dir: Path,
    development: bool,
    cookie_secure: bool,
    clock: Callable[[], int],
    log: Log,
    registry: CollectorRegistry,
) -> list[BaseRoute]:
    """All HTTP routes, the last of which takes every address: routes of others stand before them."""
    guard = Guard(log, registry)
    signed_in = SignedIn(identities)
    sessions = SessionRoutes(
        accounts=records,
        identities=identities,
        passwords=passwords,
        backends=backends,
        revocations=revocations,
        trusted_proxies=trusted_proxies,
        cookie_secure=cookie_secure,
        clock=clock,
    )
    visitor_sessions = VisitorSessionRoutes(identities=identities, trusted_proxies=trusted_proxies, clock=clock)
    pages = PageRoutes(web_dir, identities=identities, development=development)
    return [
        *sessions.routes(guard, signed_in),
        *visitor_sessions.routes(guard),
        *VisitorRoutes(backends).routes(guard, signed_in),
        *ChatRoutes(backends).routes(guard, signed_in),
        *TicketRoutes(backends, records).routes(guard, signed_in),
        guard.api_fallback(),
        *pages.routes(guard),
    ]
