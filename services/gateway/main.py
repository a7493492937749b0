"""The gateway process: builds all objects and runs them until the process is asked to stop.

Without MongoDB, new sign-ins fail and connections stay. Without chat, messages are answered with `retry`. Without the broker or
presence, conversations go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import LIVE, PRESENCE
from kit.bus.publisher import Publisher
from kit.bus.subscriber import LiveSubscriber
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.mongo import answers, close, connect, prepared
from kit.rpc.client import Pool, RpcClients
from kit.runtime.accept_queue import AcceptQueue
from kit.runtime.connection_bounds import ConnectionBounds
from kit.runtime.file_limit import divide_files, raise_file_limit
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.http_server import serve_http
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.peer_faults import PeerFaults
from kit.runtime.process import run, set_up
from kit.runtime.traces import NO_TRACES, Traces
from services.gateway import http
from services.gateway.accounts.demo_data import refuse_demo_sign_ins
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.origins import PublicOrigins
from services.gateway.accounts.passwords import Passwords, password_hasher
from services.gateway.accounts.photos import Photos
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.token_batcher import TokenBatcher
from services.gateway.backends import Backends
from services.gateway.bus_consumer import GatewayEventConsumer, HintConsumer
from services.gateway.client_info.address import GeoIp, counted_network, networks
from services.gateway.client_info.user_agent import describe
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection, PeerIdentity
from services.gateway.connection.server_config import public_config
from services.gateway.connection.token_bucket import BucketTable
from services.gateway.connection.transport import CLOSE_BATCH, PARSE_BATCH, WRITE_BATCH, FlushQueues
from services.gateway.fanout.catch_up import CatchUpLoop
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.outage_notice import OutageNotice
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.session_revocation import REVOKED_KEY, SessionRevocation
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.fanout.site_updates import SITE_KEY, SiteUpdates
from services.gateway.fanout.sync_batcher import SyncBatcher
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks, run_forever
from services.gateway.overload.loop_slices import LoopSlicer
from services.gateway.overload.overload_monitor import OverloadMonitor
from services.gateway.presence.agent_roster import KEY as AVAILABILITY_KEY
from services.gateway.presence.agent_roster import AgentRoster
from services.gateway.presence.reporter import PresenceReporter
from services.gateway.presence.visitor_roster import VisitorRoster
from services.gateway.session.append_batcher import AppendBatcher
from services.gateway.session.authentication import Authenticator
from services.gateway.session.conversation_handlers import ConversationHandlers
from services.gateway.session.dispatcher import HELLO_BATCH, FrameDispatcher
from services.gateway.session.message_handlers import TYPING_KEY, MessageHandlers
from services.gateway.session.new_chats import NewChatLimit
from services.gateway.session.resume import SessionResume
from services.gateway.session.visitor_names import VisitorNameCache
from services.gateway.settings import Settings
from services.gateway.websocket_endpoint import PublicApp, WebSocketEndpoint

# For the last reports to presence, which otherwise notices the disconnects when the lease expires.
FINISH_S = 2.0
# For HTTP requests in progress, after the websockets are closed.
HTTP_GRACE_S = 2.0
# Events between gateways expire in a queue after this time; by then they are out of date.
EVENT_TTL_S = 5.0


class Gateway:
    """One gateway process, composed. `run` may be called once."""

    # True while browsers can connect.
    _serving = False

    def __init__(
        self,
        settings: Settings,
        *,
        log: Log,
        registry: CollectorRegistry,
        traces: Traces = NO_TRACES,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._settings = settings
        self._log = log
        self._registry = registry
        self._traces = traces
        self._now = now
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
        # Each builder uses what the ones before it have built, in the order of the layers in pyproject.toml, lowest first.
        # Lambdas read attributes that are built later: the two bus connections, the hint consumer and the catch-up loop.
        self._build_backends()
        self._build_accounts()
        self._build_fanout()
        self._build_presence()
        self._build_session()
        self._build_bus()
        self._app = PublicApp(self.websockets, self._build_http())
        self._measure_queues()

    def _build_backends(self) -> None:
        """The database, and the clients of the other services."""
        settings = self._settings
        self._mongo = connect(settings.mongodb_url, app="gateway", registry=self._registry, traces=self._traces)
        clients = RpcClients(settings.rpc_token, self._registry, settings.tls, self._traces)
        self.chat = Pool(settings.chat_addresses, ChatServiceStub, clients)
        self.presence = Pool(settings.presence_addresses, PresenceServiceStub, clients)
        self.tickets = Pool(settings.tickets_addresses, TicketsServiceStub, clients)
        self._checks = {
            "mongodb": lambda: answers(self._mongo),
            "rabbitmq": self.bus_is_connected,
            "chat": self.chat.ready,
            "presence": self.presence.ready,
            "tickets": self.tickets.ready,
        }

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
        self._passwords = Passwords(password_hasher())
        self._photos = Photos()
        self._geoip = GeoIp(self._settings.geoip_db)

    def _build_fanout(self) -> None:
        """From the bus to the connections of a site."""
        self.hub = Hub(self.metrics)
        self.outage_notice = OutageNotice(self._checks, hub=self.hub, log=self._log)
        self.session_revocation = SessionRevocation(self.hub, self._publisher, self.identities, log=self._log)
        self.site_updates = SiteUpdates(self.hub, self._publisher, self.identities, tasks=self.tasks, log=self._log)
        self.sync_batcher = SyncBatcher(self.chat)
        self.participants = ParticipantCache(self.chat)

    def _build_presence(self) -> None:
        """Online visitors and agents, and the site status, which depends on them."""
        self.append_batcher = AppendBatcher(self.chat, failpoints=self._failpoints)
        self.overload_monitor = OverloadMonitor(
            waiting=lambda: len(self.append_batcher), log=self._log, metrics=self.metrics
        )
        self.presence_reporter = PresenceReporter(
            self.presence,
            hub=self.hub,
            gateway_id=self.boot_id,
            tasks=self.tasks,
            now=self._now,
            log=self._log,
            metrics=self.metrics,
            failpoints=self._failpoints,
        )
        self.agent_roster = AgentRoster(
            self.presence,
            hub=self.hub,
            bus_is_up=lambda: self._presence_bus.connected,
            now=self._now,
            log=self._log,
            metrics=self.metrics,
        )
        self.visitor_roster = VisitorRoster(
            self.presence,
            bus_is_up=lambda: self._presence_bus.connected,
            sheds=self.overload_monitor.sheds,
            tasks=self.tasks,
            renamed=lambda site_key, visitor_id, name: self.hub.send_to_agents(
                site_key, frames.VisitorNames([frames.Person(visitor_id, name)])
            ),
            now=self._now,
            log=self._log,
            metrics=self.metrics,
        )
        self.site_status = SiteStatus(
            self.hub,
            online=self.agent_roster.online,
            name=self.visitor_roster.name,
            load=lambda site_key: self.catch_up.request_site(site_key),  # noqa: PLW0108 - built below
            sheds=self.overload_monitor.sheds,
        )
        self.catch_up = CatchUpLoop(
            self.chat,
            hub=self.hub,
            sync_batcher=self.sync_batcher,
            participants=self.participants,
            site_status=self.site_status,
            receives_hints=lambda: self._live_bus.connected and self.hint_consumer.is_receiving,
            log=self._log,
            metrics=self.metrics,
        )

    def _build_session(self) -> None:
        """Authentication and the handlers of frames, and the endpoint that accepts the connections."""
        settings = self._settings
        self.message_handlers = MessageHandlers(
            self.chat,
            append_batcher=self.append_batcher,
            sync_batcher=self.sync_batcher,
            participants=self.participants,
            visitor_names=VisitorNameCache(self.presence),
            publisher=self._publisher,
            accepts_chat=self.site_status.accepts_chat,
            new_chats=NewChatLimit(BucketTable(settings.address_chat_rate, settings.address_chat_burst), self._now),
            tasks=self.tasks,
            now=self._now,
            metrics=self.metrics,
        )
        conversation_handlers = ConversationHandlers(
            self.chat, self.presence, hub=self.hub, participants=self.participants
        )
        authenticator = Authenticator(
            self.identities,
            messages_of_persons=BucketTable(settings.message_rate, settings.message_burst),
            messages_of_networks=BucketTable(settings.address_message_rate, settings.address_message_burst),
        )
        dispatcher = FrameDispatcher(
            hub=self.hub,
            authenticator=authenticator,
            resume=SessionResume(
                self.chat,
                sync_batcher=self.sync_batcher,
                participants=self.participants,
                now=self._now,
                failpoints=self._failpoints,
            ),
            sync_handlers={
                **self.message_handlers.sync_handlers(),
                **self.presence_reporter.sync_handlers(),
                **self.visitor_roster.sync_handlers(),
            },
            async_handlers={**self.message_handlers.async_handlers(), **conversation_handlers.async_handlers()},
            on_identified=self.presence_reporter.connected,
            on_welcomed=self._on_welcomed,
            on_left=self._on_left,
            tasks=self.tasks,
            hellos=LoopSlicer(HELLO_BATCH),
            log=self._log,
            metrics=self.metrics,
        )
        self.websockets = WebSocketEndpoint(
            dispatcher,
            authenticator,
            self._geoip,
            self._trusted_proxies,
            self._socket_bounds,
            frame_rate=settings.frame_rate,
            frame_burst=settings.frame_burst,
            new_id=new_id,
            now=self._now,
            log=self._log,
            metrics=self.metrics,
        )
        self._flush_queues = FlushQueues(LoopSlicer(WRITE_BATCH), LoopSlicer(CLOSE_BATCH), LoopSlicer(PARSE_BATCH))

    def _build_bus(self) -> None:
        """The two bus connections and their consumers: hints of chat, and events of gateways and presence."""
        self.hint_consumer = HintConsumer(
            self.hub,
            writes=self._flush_queues.writes,
            participants=self.participants,
            site_status=self.site_status,
            request_catch_up=self.catch_up.request,
            now=self._now,
            metrics=self.metrics,
        )
        event_consumer = GatewayEventConsumer(
            self.hub,
            revocation=self.session_revocation,
            site_updates=self.site_updates,
            agents=self.agent_roster,
            visitors=self.visitor_roster,
        )
        hints = LiveSubscriber(
            LIVE,
            f"gateway.{self.boot_id}",
            handle=self._failpoints.around_now("hint.received", self.hint_consumer.consume),
            on_attached=self.hint_consumer.on_subscribed,
            log=self._log,
            invalid=self.metrics.invalid_messages,
            traces=self._traces,
        )
        events = LiveSubscriber(
            PRESENCE,
            f"gateway.{self.boot_id}.presence",
            handle=event_consumer.consume,
            on_attached=event_consumer.on_subscribed,
            log=self._log,
            invalid=self.metrics.invalid_messages,
            keys=(TYPING_KEY, REVOKED_KEY, SITE_KEY, AVAILABILITY_KEY),
            traces=self._traces,
        )
        self.visitor_roster.subscriber = events
        url, gauge = self._settings.amqp_url, connections_gauge(self._registry)
        self._live_bus = BrokerConnection(url, "gateway-live", (hints,), log=self._log, connections=gauge)
        self._presence_bus = BrokerConnection(
            url, "gateway-presence", (self._publisher, events), log=self._log, connections=gauge
        )

    def _build_http(self) -> Starlette:
        """The HTTP API and the static files."""
        return Starlette(
            routes=http.routes(
                store=self.store,
                identities=self.identities,
                passwords=self._passwords,
                backends=Backends(self.presence, self.chat, self.tickets),
                photos=self._photos,
                revocations=self.session_revocation,
                site_changes=self.site_updates,
                trusted_proxies=self._trusted_proxies,
                public=self._public,
                web_dir=Path(self._settings.web_dir),
                development=self._settings.mode == "development",
                cookie_secure=self._settings.secure_cookies,
                clock=self._now,
                log=self._log,
                registry=self._registry,
            )
        )

    def _measure_queues(self) -> None:
        self.metrics.measure_queues(
            {
                "append": self.append_batcher,
                "hints": self.hint_consumer,
                "tokens": self.tokens,
                "sync": self.sync_batcher,
                "reads": self.message_handlers,
                "presence": self.presence_reporter,
                "backlogs": self.websockets,
                "passwords": self._passwords,
                "photos": self._photos,
                "tasks": self.tasks,
            }
        )

    async def bus_is_connected(self) -> bool:
        """True when both bus connections are up."""
        return self._live_bus.connected and self._presence_bus.connected

    async def _is_serving(self) -> bool:
        return self._serving

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`; then drains the connections and closes everything."""
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(self._serve(stopping))
            background = [group.create_task(run_forever(loop, self._log)) for loop in self._background()]
            await serving
            for task in background:
                task.cancel()
        await self.tasks.stop()
        await self._close()

    async def _close(self) -> None:
        for pool in (self.chat, self.presence, self.tickets):
            await pool.close()
        self._passwords.close()
        self._photos.close()
        self._geoip.close()
        close(self._mongo)

    def _background(self) -> Sequence[Callable[[], Awaitable[None]]]:
        batchers = (self.append_batcher, self.sync_batcher, self.tokens, self.message_handlers)
        fanout = (self.catch_up, self.site_status, self.session_revocation, self.site_updates, self.outage_notice)
        presence = (self.presence_reporter, self.visitor_roster, self.visitor_roster.refresh, self.agent_roster.refresh)
        edges = (self._live_bus, self._presence_bus, self.hint_consumer, self.websockets, self.overload_monitor)
        return [each.run for each in (*edges, *batchers, *fanout, *presence)]

    async def _serve(self, stopping: asyncio.Event) -> None:
        address, ended = self._settings.ops_address, asyncio.Event()
        checks = {**self._checks, "serving": self._is_serving}
        async with asyncio.TaskGroup() as group:
            group.create_task(
                serve_ops(address, self._registry, checks, faults=self._peer_faults, stopping=stopping, ended=ended)
            )
            if await prepared(self._prepare, stopping, self._log):
                await self._serve_public(stopping)
            ended.set()

    async def _serve_public(self, stopping: asyncio.Event) -> None:
        # The first call loads the rules in a tenth of a second, during which no connection could be served.
        await asyncio.to_thread(describe, "")
        faults, closing = self._peer_faults, asyncio.Event()
        config = public_config(self._app, self._settings.public_address, self._flush_queues, faults)
        accept_queue = AcceptQueue(
            self._http_bounds, faults, network_of=lambda address: counted_network(address, self._trusted_proxies)
        )
        self.metrics.measure_queues({"hall": accept_queue, "http": self._http_bounds})
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_http(config, accept_queue, closing, grace_s=HTTP_GRACE_S, faults=faults))
            self._log.info("gateway ready", public=self._settings.public_address, boot=self.boot_id)
            freeze_gc()
            self._serving = True
            await stopping.wait()
            self._log.info("gateway stopping", connections=len(self.hub.connections))
            await self.websockets.drain(self._settings.drain_ms)
            await self.presence_reporter.finish(FINISH_S)
            closing.set()

    def _on_welcomed(self, connection: Connection, identity: PeerIdentity) -> None:
        self.site_status.welcome(connection, identity)
        self.outage_notice.welcome(connection, identity)

    def _on_left(self, connection: Connection, identity: PeerIdentity) -> None:
        self.visitor_roster.unwatch(connection, identity)
        self.presence_reporter.disconnected(connection, identity)
        if identity.site not in self.hub.sites:
            self.site_status.forget(identity.site)
            self.participants.forget_site(identity.site)

    async def _prepare(self) -> None:
        await self.store.ensure_indexes()
        if self._settings.mode == "production":
            await refuse_demo_sign_ins(self.store)


async def serve(stopping: asyncio.Event) -> None:
    """Runs the process from set-up to the end."""
    async with set_up("gateway", Settings) as (settings, log, registry, traces):
        await Gateway(settings, log=log, registry=registry, traces=traces).run(stopping)


def main() -> None:
    """`palique serve gateway`, and `python -m services.gateway.main`."""
    run(serve)


if __name__ == "__main__":
    main()
