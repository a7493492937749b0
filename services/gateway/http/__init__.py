"""The gateway's HTTP routes: the API of docs/protocol.md, and the built web files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute, Route

from kit.ids import new_id
from kit.runtime.logs import Log
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.invitations import Invitations
from services.gateway.accounts.origins import PublicOrigins
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.photos import Photos
from services.gateway.accounts.setup import Setup
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.widget_loads import WidgetLoads
from services.gateway.backends import Backends
from services.gateway.client_info.address import Network
from services.gateway.http.agents import AgentRoutes
from services.gateway.http.auth import Revocations, SignedIn
from services.gateway.http.chat_logs import LOG_PAGE_SIZE, ChatLogRoutes
from services.gateway.http.chats import ChatRoutes
from services.gateway.http.comments import CommentRoutes
from services.gateway.http.first_steps import FirstStepRoutes
from services.gateway.http.invitation_mails import InvitationMails
from services.gateway.http.invitations import InvitationRoutes
from services.gateway.http.mail_settings import MailRoutes
from services.gateway.http.mails import Mails
from services.gateway.http.openapi import OpenApiRoutes
from services.gateway.http.own_password import OwnPassword
from services.gateway.http.own_sessions import OwnSessionRoutes
from services.gateway.http.photos import PhotoRoutes
from services.gateway.http.problems import Guard
from services.gateway.http.profile import ProfileRoutes
from services.gateway.http.sessions import SessionRoutes
from services.gateway.http.setup import SetupRoutes
from services.gateway.http.site import SiteChanges, SiteRoutes
from services.gateway.http.site_activity import SiteActivityRoutes
from services.gateway.http.static_files import PageRoutes
from services.gateway.http.tickets import TicketRoutes
from services.gateway.http.visitor_sessions import VisitorSessionRoutes
from services.gateway.http.visitors import VisitorRoutes


@dataclass(frozen=True, kw_only=True)
class HttpRoutes:
    """What the routes answer from."""

    store: GatewayStore
    identities: Identities
    passwords: Passwords
    backends: Backends
    photos: Photos
    revocations: Revocations
    site_changes: SiteChanges
    trusted_proxies: Sequence[Network]
    public: PublicOrigins
    # For links in mails, when the request names none.
    public_origin: str
    web_dir: Path
    development: bool
    cookie_secure: bool
    clock: Callable[[], int]
    log: Log
    registry: CollectorRegistry
    log_page_size: int = LOG_PAGE_SIZE

    def all(self) -> list[BaseRoute]:
        """All HTTP routes. The last one matches every path, so other routes come before these."""
        guard = Guard(self.log, self.registry, self.public)
        signed_in = SignedIn(self.identities)
        pages = PageRoutes(self.web_dir, identities=self.identities, development=self.development)
        return [
            *self._sign_in_routes(guard),
            *self._account_routes(guard, signed_in),
            *self._record_routes(guard, signed_in),
            guard.api_fallback(),
            *OpenApiRoutes().routes(guard),
            *pages.routes(guard),
        ]

    def _sign_in_routes(self, guard: Guard) -> list[Route]:
        """What agents and visitors call before they are signed in."""
        sessions = SessionRoutes(
            store=self.store,
            identities=self.identities,
            passwords=self.passwords,
            revocations=self.revocations,
            trusted_proxies=self.trusted_proxies,
            cookie_secure=self.cookie_secure,
            clock=self.clock,
        )
        invitations = InvitationRoutes(
            Invitations(self.store, self.clock),
            store=self.store,
            identities=self.identities,
            passwords=self.passwords,
            revocations=self.revocations,
            trusted_proxies=self.trusted_proxies,
            clock=self.clock,
        )
        visitor_sessions = VisitorSessionRoutes(
            identities=self.identities,
            loads=WidgetLoads(self.store, self.clock),
            revocations=self.revocations,
            trusted_proxies=self.trusted_proxies,
            clock=self.clock,
        )
        return [
            *self._setup_routes(guard),
            *sessions.routes(guard),
            *invitations.routes(guard),
            *visitor_sessions.routes(guard),
        ]

    def _setup_routes(self, guard: Guard) -> list[Route]:
        """What creates the first site and its administrator."""
        setup = SetupRoutes(
            Setup(self.store, self.clock),
            store=self.store,
            identities=self.identities,
            passwords=self.passwords,
            trusted_proxies=self.trusted_proxies,
            https_only=not self.development,
            clock=self.clock,
            new_id=new_id,
        )
        return setup.routes(guard)

    def _account_routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The agent themselves, the other agents and the site."""
        store, revocations = self.store, self.revocations
        own_password = OwnPassword(store, self.passwords, self.clock)
        profile = ProfileRoutes(
            store,
            passwords=self.passwords,
            own_password=own_password,
            backends=self.backends,
            revocations=revocations,
        )
        mails = Mails(self.backends.mail, store, new_id=new_id, clock=self.clock)
        agents = AgentRoutes(
            store,
            invitations=Invitations(store, self.clock),
            mails=InvitationMails(mails, store, public=self.public, public_origin=self.public_origin),
            revocations=revocations,
            new_id=new_id,
        )
        own_sessions = OwnSessionRoutes(
            store, identities=self.identities, own_password=own_password, revocations=revocations
        )
        return [
            *profile.routes(guard, signed_in),
            *own_sessions.routes(guard, signed_in),
            *PhotoRoutes(store, self.photos).routes(guard, signed_in),
            *SiteRoutes(store, self.site_changes).routes(guard, signed_in),
            *SiteActivityRoutes(self.backends).routes(guard, signed_in),
            *FirstStepRoutes(store, self.backends).routes(guard, signed_in),
            *agents.routes(guard, signed_in),
            *MailRoutes(mails, store).routes(guard, signed_in),
        ]

    def _record_routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """Visitors, chats and tickets."""
        backends = self.backends
        return [
            *VisitorRoutes(backends).routes(guard, signed_in),
            *ChatRoutes(backends).routes(guard, signed_in),
            *ChatLogRoutes(backends, page_size=self.log_page_size).routes(guard, signed_in),
            *TicketRoutes(backends, self.store).routes(guard, signed_in),
            *CommentRoutes(backends).routes(guard, signed_in),
        ]
