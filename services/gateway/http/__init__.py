"""The gateway's HTTP routes: the API of docs/protocol.md, and the built web files."""

from collections.abc import Callable, Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute

from kit.ids import new_id
from kit.runtime.logs import Log
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.origins import PublicOrigins
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.photos import Photos
from services.gateway.accounts.store import GatewayStore
from services.gateway.backends import Backends
from services.gateway.client_info.address import Network
from services.gateway.http.agents import AgentRoutes
from services.gateway.http.auth import Revocations, SignedIn
from services.gateway.http.chat_logs import LOG_PAGE_SIZE, ChatLogRoutes
from services.gateway.http.chats import ChatRoutes
from services.gateway.http.comments import CommentRoutes
from services.gateway.http.invitations import InvitationRoutes
from services.gateway.http.openapi import OpenApiRoutes
from services.gateway.http.own_sessions import OwnSessionRoutes
from services.gateway.http.photos import PhotoRoutes
from services.gateway.http.problems import Guard
from services.gateway.http.profile import ProfileRoutes
from services.gateway.http.sessions import SessionRoutes
from services.gateway.http.site import SiteChanges, SiteRoutes
from services.gateway.http.site_activity import SiteActivityRoutes
from services.gateway.http.static_files import PageRoutes
from services.gateway.http.tickets import TicketRoutes
from services.gateway.http.visitor_sessions import VisitorSessionRoutes
from services.gateway.http.visitors import VisitorRoutes


def routes(
    *,
    store: GatewayStore,
    identities: Identities,
    passwords: Passwords,
    backends: Backends,
    photos: Photos,
    revocations: Revocations,
    site_changes: SiteChanges,
    trusted_proxies: Sequence[Network],
    public: PublicOrigins,
    web_dir: Path,
    development: bool,
    cookie_secure: bool,
    clock: Callable[[], int],
    log: Log,
    registry: CollectorRegistry,
    log_page_size: int = LOG_PAGE_SIZE,
) -> list[BaseRoute]:
    """All HTTP routes. The last one matches every path, so other routes come before these."""
    guard = Guard(log, registry, public)
    signed_in = SignedIn(identities)
    sessions = SessionRoutes(
        store=store,
        identities=identities,
        passwords=passwords,
        revocations=revocations,
        trusted_proxies=trusted_proxies,
        cookie_secure=cookie_secure,
        clock=clock,
    )
    visitor_sessions = VisitorSessionRoutes(identities=identities, trusted_proxies=trusted_proxies, clock=clock)
    invitations = Invitations(store, clock)
    agents = AgentRoutes(store, invitations=invitations, revocations=revocations, new_id=new_id)
    invitation_routes = InvitationRoutes(
        invitations,
        store=store,
        identities=identities,
        passwords=passwords,
        revocations=revocations,
        trusted_proxies=trusted_proxies,
        clock=clock,
    )
    profile = ProfileRoutes(store, passwords=passwords, backends=backends, revocations=revocations, clock=clock)
    pages = PageRoutes(web_dir, identities=identities, development=development)
    return [
        *sessions.routes(guard),
        *profile.routes(guard, signed_in),
        *OwnSessionRoutes(store, identities=identities, revocations=revocations).routes(guard, signed_in),
        *PhotoRoutes(store, photos).routes(guard, signed_in),
        *SiteRoutes(store, site_changes).routes(guard, signed_in),
        *SiteActivityRoutes(backends).routes(guard, signed_in),
        *agents.routes(guard, signed_in),
        *invitation_routes.routes(guard),
        *visitor_sessions.routes(guard),
        *VisitorRoutes(backends).routes(guard, signed_in),
        *ChatRoutes(backends).routes(guard, signed_in),
        *ChatLogRoutes(backends, page_size=log_page_size).routes(guard, signed_in),
        *TicketRoutes(backends, store).routes(guard, signed_in),
        *CommentRoutes(backends).routes(guard, signed_in),
        guard.api_fallback(),
        *OpenApiRoutes().routes(guard),
        *pages.routes(guard),
    ]
