"""What all parts of a gateway use: settings, log, metrics, the database, the clients of the other services, and accounts."""

from collections.abc import Callable
from typing import NamedTuple

from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.chat.v1.routing_pb2_grpc import RoutingServiceStub
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from palique.tickets.v1.mail_pb2_grpc import MailServiceStub
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from prometheus_client import CollectorRegistry

from kit.bus.exchanges import PRESENCE
from kit.bus.publisher import Publisher
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.mongo import connect
from kit.rpc.client import Pool, RpcClients
from kit.runtime.connection_bounds import ConnectionBounds
from kit.runtime.file_limit import divide_files, raise_file_limit
from kit.runtime.logs import Log
from kit.runtime.peer_faults import PeerFaults
from kit.runtime.traces import NO_TRACES, Traces
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.origins import PublicOrigins
from services.gateway.accounts.passwords import Passwords, password_hasher
from services.gateway.accounts.photos import Photos
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.token_batcher import TokenBatcher
from services.gateway.client_info.address import GeoIp, networks
from services.gateway.fanout import refresh_loop, session_revocation, site_updates
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.presence import lost_agents
from services.gateway.settings import Settings

# Events between gateways expire in a queue after this time; by then they are out of date.
EVENT_TTL_S = 5.0


class Tuning(NamedTuple):
    """Intervals of checks that run beside the events of the bus; tests pass shorter ones."""

    session_check_s: float = session_revocation.CHECK_INTERVAL_S
    site_check_s: float = site_updates.CHECK_INTERVAL_S
    lost_agents_check_s: float = lost_agents.CHECK_INTERVAL_S
    catch_up_poll_s: float = refresh_loop.POLL_S


DEFAULT_TUNING = Tuning()


class Foundation:
    """The lowest parts of a gateway process."""

    def __init__(
        self,
        settings: Settings,
        *,
        log: Log,
        registry: CollectorRegistry,
        traces: Traces = NO_TRACES,
        now: Callable[[], int] = now_ms,
        tuning: Tuning = DEFAULT_TUNING,
    ) -> None:
        self._settings = settings
        self._log = log
        self._registry = registry
        self._traces = traces
        self._now = now
        self._tuning = tuning
        self._failpoints = armed(settings.failpoints, service="gateway", mode=settings.mode, registry=registry, log=log)
        self.boot_id = new_id()
        self.metrics = Metrics(registry)
        self._peer_faults = PeerFaults(registry)
        self.tasks = BackgroundTasks(log)
        self._trusted_proxies = networks(settings.trusted_proxies)
        files = divide_files(raise_file_limit(), settings.max_sockets)
        self._http_bounds = ConnectionBounds(files.http, settings.address_connections)
        self._socket_bounds = ConnectionBounds(files.sockets, settings.address_sockets)
        self._publisher = Publisher(PRESENCE, confirms=False, ttl_s=EVENT_TTL_S, traces=traces)
        self._build()

    def _build(self) -> None:
        """Builds the parts above the process itself. A class of a higher layer builds its parts after these."""
        self._build_backends()
        self._build_accounts()

    def _build_backends(self) -> None:
        """The database, and the clients of the other services."""
        settings = self._settings
        self._mongo = connect(settings.mongodb_url, app="gateway", registry=self._registry, traces=self._traces)
        clients = RpcClients(settings.rpc_token, self._registry, settings.tls, self._traces)
        self.chat = Pool(settings.chat_addresses, ChatServiceStub, clients)
        self.routing = Pool(settings.chat_addresses, RoutingServiceStub, clients)
        self.presence = Pool(settings.presence_addresses, PresenceServiceStub, clients)
        self.tickets = Pool(settings.tickets_addresses, TicketsServiceStub, clients)
        self.mail = Pool(settings.tickets_addresses, MailServiceStub, clients)

    def _build_accounts(self) -> None:
        """Agents, visitors' tokens and sites."""
        self.store = GatewayStore(self._mongo[f"{self._settings.mongodb_prefix}_gateway"])
        self.tokens = TokenBatcher(self.store.visitor_tokens)
        self._public = PublicOrigins(self._settings.public_origins)
        self.identities = Identities(
            self.store,
            clock=self._now,
            new_id=new_id,
            find_token=self.tokens.find,
            public=self._public,
            session_idle_ms=self._settings.session_idle_hours * 3600 * 1000,
        )
        self._passwords = Passwords(password_hasher(self._settings.password_memory_kib))
        self._photos = Photos()
        self._geoip = GeoIp(self._settings.geoip_db)
