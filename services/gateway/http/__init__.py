"""The gateway's HTTP side: the API that docs/protocol.md publishes, and the built web parts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute

from kit.ids import new_id
from kit.runtime.logs import Log
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.invitations import InvitationStore as InvitationRecords
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.photos import Photos
from services.gateway.backends import Backends
from services.gateway.client_info.address import Network
from services.gateway.http.agents import AgentRoutes
from services.gateway.http.auth import SignedIn
from services.gateway.http.chat_logs import ChatLogRoutes
from services.gateway.http.chats import ChatRoutes
from services.gateway.http.comments import CommentRoutes
from services.gateway.http.invitations import InvitationRoutes
from services.gateway.http.openapi import OpenApiRoutes
from services.gateway.http.photos import PhotoRoutes
from services.gateway.http.problems import Guard
from services.gateway.http.profile import ProfileRoutes
from services.gateway.http.records import AgentRecords, PhotoRecords, Revocations, SiteChanges, SiteRecords
from services.gateway.http.sessions import AgentAccounts, SessionRoutes
from services.gateway.http.site import SiteRoutes
from services.gateway.http.static_files import PageRoutes
from services.gateway.http.tickets import Colleagues, TicketRoutes
from services.gateway.http.visitor_sessions import VisitorSessionRoutes
from services.gateway.http.visitors import VisitorRoutes


class Records(AgentAccounts, AgentRecords, Colleagues, InvitationRecords, PhotoRecords, SiteRecords, Protocol):
    """What the routes look up themselves; the store has it all."""


def routes(
    *,
    records: Records,
    identities: Identities,
    passwords: Passwords,
    backends: Backends,
    photos: Photos,
    revocations: Revocations,
    site_changes: SiteChanges,
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
        revocations=revocations,
        trusted_proxies=trusted_proxies,
        cookie_secure=cookie_secure,
        clock=clock,
    )
    visitor_sessions = VisitorSessionRoutes(identities=identities, trusted_proxies=trusted_proxies, clock=clock)
    invitations = Invitations(records, clock)
    agents = AgentRoutes(records, invitations=invitations, revocations=revocations, new_id=new_id)
    invited = InvitationRoutes(
        invitations,
        agents=records,
        throttles=records,
        identities=identities,
        passwords=passwords,
        revocations=revocations,
        trusted_proxies=trusted_proxies,
        clock=clock,
    )
    profile = ProfileRoutes(
        records, throttles=records, passwords=passwords, backends=backends, revocations=revocations, clock=clock
    )
    pages = PageRoutes(web_dir, identities=identities, development=development)
    return [
        *sessions.routes(guard),
        *profile.routes(guard, signed_in),
        *PhotoRoutes(records, records, photos).routes(guard, signed_in),
        *SiteRoutes(records, identities, site_changes).routes(guard, signed_in),
        *agents.routes(guard, signed_in),
        *invited.routes(guard),
        *visitor_sessions.routes(guard),
        *VisitorRoutes(backends).routes(guard, signed_in),
        *ChatRoutes(backends).routes(guard, signed_in),
        *ChatLogRoutes(backends).routes(guard, signed_in),
        *TicketRoutes(backends, records).routes(guard, signed_in),
        *CommentRoutes(backends).routes(guard, signed_in),
        guard.api_fallback(),
        *OpenApiRoutes().routes(guard),
        *pages.routes(guard),
    ]
