"""The gateway process: everything is built here, and run until it is told to stop.

With MongoDB away nobody signs in, and who is connected stays so; with chat away messages are answered `retry`; with the
broker or presence away conversations go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from argon2 import PasswordHasher
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
from kit.mongo import answers, connect, prepared
from kit.rpc.client import Pool, RpcClients
from kit.runtime.accept_queue import AcceptQueue
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.http_server import serve_http
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.process import run, set_up
from kit.runtime.traces import NO_TRACES, Traces
from services.gateway import http
from services.gateway.accounts.demo_data import refuse_demo_sign_ins
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.photos import Photos
from services.gateway.accounts.store import GatewayStore
from services.gateway.accounts.token_batcher import TokenBatcher
from services.gateway.backends import Backends
from services.gateway.bus_consumer import GatewayEventConsumer, HintConsumer
from services.gateway.client_info.address import GeoIp, networks
from services.gateway.client_info.user_agent import describe
from services.gateway.connection.connection import Connection, PeerIdentity
from services.gateway.connection.server_config import public_config
from services.gateway.connection.transport import CLOSE_BATCH, WRITE_BATCH, FlushQueues
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
from services.gateway.session.resume import SessionResume
from services.gateway.session.visitor_names import VisitorNameCache
from services.gateway.settings import Settings
from services.gateway.websocket_endpoint import PublicApp, WebSocketEndpoint

# For telling presence who left; it finds out by itself, later.
FINISH_S = 2.0
# Said now or never: what waits longer than this in a queue is of no use to anybody.
EPHEMERAL_TTL_S = 5.0


class Gateway:
    """One gateway process, wired. `run` may be called once."""

    # Whether browsers are let in.
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
        failpoints = armed(settings.failpoints, service="gateway", mode=settings.mode, registry=registry, log=log)
        self.boot_id = new_id()
        self.metrics = Metrics(registry)
        self.tasks = BackgroundTasks(log)
        self._mongo = connect(settings.mongodb_url, app="gateway", registry=registry, traces=traces)
        self.store = GatewayStore(self._mongo[f"{settings.mongodb_prefix}_gateway"])
        self.tokens = TokenBatcher(self.store.visitor_tokens)
        self.identities = Identities(self.store, clock=now, new_id=new_id, find_token=self.tokens.find)
        self._passwords = Passwords(PasswordHasher())
        self._photos = Photos()
        self._places = GeoIp(settings.geoip_db)
        trusted = networks(settings.trusted_proxies)

        clients = RpcClients(settings.rpc_token, registry, settings.tls, traces)
        self.chat = Pool(settings.chat_addresses, ChatServiceStub, clients)
        self.presence = Pool(settings.presence_addresses, PresenceServiceStub, clients)
        self.tickets = Pool(settings.tickets_addresses, TicketsServiceStub, clients)

        self.hub = Hub(self.metrics)
        self._checks = {
            "mongodb": lambda: answers(self._mongo),
            "rabbitmq": self.bus_is_connected,
            "chat": self.chat.ready,
            "presence": self.presence.ready,
            "tickets": self.tickets.ready,
        }
        self.outage_notice = OutageNotice(self._checks, hub=self.hub, log=log)
        event_publisher = Publisher(PRESENCE, confirms=False, ttl_s=EPHEMERAL_TTL_S, traces=traces)
        self.session_revocation = SessionRevocation(self.hub, event_publisher, self.identities, log=log)
        self.site_updates = SiteUpdates(self.hub, event_publisher, self.identities, tasks=self.tasks, log=log)
        self.sender = AppendBatcher(self.chat, failpoints=failpoints)
        self.sync_batcher = SyncBatcher(self.chat)
        self.participants = ParticipantCache(self.chat)
        self.presence_reporter = PresenceReporter(
            self.presence,
            hub=self.hub,
            gateway_id=self.boot_id,
            tasks=self.tasks,
            now=now,
            log=log,
            metrics=self.metrics,
            failpoints=failpoints,
        )
        self.agent_roster = AgentRoster(
            self.presence,
            hub=self.hub,
            bus_is_up=lambda: self._presence_bus.connected,
            now=now,
            log=log,
            metrics=self.metrics,
        )
        self.overload_monitor = OverloadMonitor(waiting=lambda: len(self.sender), log=log, metrics=self.metrics)
        self.visitor_roster = VisitorRoster(
            self.presence,
            bus_is_up=lambda: self._presence_bus.connected,
            sheds=self.overload_monitor.sheds,
            tasks=self.tasks,
            now=now,
            log=log,
            metrics=self.metrics,
        )
        self.site_status = SiteStatus(
            self.hub,
            online=self.agent_roster.online,
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
            log=log,
            metrics=self.metrics,
        )
        self.talking = MessageHandlers(
            self.chat,
            sender=self.sender,
            syncing=self.sync_batcher,
            directory=self.participants,
            names=VisitorNameCache(self.presence),
            typing=event_publisher,
            takes_chat=self.site_status.accepts_chat,
            tasks=self.tasks,
            now=now,
            metrics=self.metrics,
        )
        commanding = ConversationHandlers(self.chat, self.presence, hub=self.hub, directory=self.participants)
        admission = Authenticator(
            self.identities, message_rate=settings.message_rate, message_burst=settings.message_burst
        )
        desk = FrameDispatcher(
            hub=self.hub,
            admission=admission,
            resuming=SessionResume(
                self.chat, syncing=self.sync_batcher, directory=self.participants, now=now, failpoints=failpoints
            ),
            direct=self.talking.sync_handlers()
            | self.presence_reporter.sync_handlers()
            | self.visitor_roster.sync_handlers(),
            waits=self.talking.async_handlers() | commanding.async_handlers(),
            admitted=self.presence_reporter.connected,
            welcomed=self._welcomed,
            left=self._left,
            tasks=self.tasks,
            hellos=LoopSlicer(HELLO_BATCH),
            log=log,
            metrics=self.metrics,
        )
        self.sockets = WebSocketEndpoint(
            desk,
            admission,
            self._places,
            trusted,
            frame_rate=settings.frame_rate,
            frame_burst=settings.frame_burst,
            new_id=new_id,
            now=now,
            log=log,
            metrics=self.metrics,
        )
        self._wires = FlushQueues(LoopSlicer(WRITE_BATCH), LoopSlicer(CLOSE_BATCH))
        self.hint_consumer = HintConsumer(
            self.hub,
            writes=self._wires.writes,
            participants=self.participants,
            site_status=self.site_status,
            request_catch_up=self.catch_up.request,
            now=now,
            metrics=self.metrics,
        )
        connections = connections_gauge(registry)
        live = LiveSubscriber(
            LIVE,
            f"gateway.{self.boot_id}",
            handle=failpoints.around_now("hint.received", self.hint_consumer.consume),
            fresh=self.hint_consumer.on_subscribed,
            log=log,
            traces=traces,
        )
        self._live_bus = BrokerConnection(settings.amqp_url, "gateway-live", (live,), log=log, connections=connections)
        events = GatewayEventConsumer(
            self.hub,
            revocation=self.session_revocation,
            site_updates=self.site_updates,
            agents=self.agent_roster,
            visitors=self.visitor_roster,
        )
        event_subscriber = LiveSubscriber(
            PRESENCE,
            f"gateway.{self.boot_id}.presence",
            handle=events.consume,
            fresh=events.on_subscribed,
            log=log,
            keys=(TYPING_KEY, REVOKED_KEY, SITE_KEY, AVAILABILITY_KEY),
            traces=traces,
        )
        self.visitor_roster.subscriber = event_subscriber
        self._presence_bus = BrokerConnection(
            settings.amqp_url, "gateway-presence", (event_publisher, event_subscriber), log=log, connections=connections
        )
        self._app = PublicApp(
            self.sockets,
            Starlette(
                routes=http.routes(
                    store=self.store,
                    identities=self.identities,
                    passwords=self._passwords,
                    backends=Backends(self.presence, self.chat, self.tickets),
                    photos=self._photos,
                    revocations=self.session_revocation,
                    site_changes=self.site_updates,
                    trusted_proxies=trusted,
                    web_dir=Path(settings.web_dir),
                    development=settings.mode == "development",
                    cookie_secure=settings.secure_cookies,
                    clock=now,
                    log=log,
                    registry=registry,
                )
            ),
        )
        self.metrics.measure_queues(
            {
                "append": self.sender,
                "hints": self.hint_consumer,
                "tokens": self.tokens,
                "sync": self.sync_batcher,
                "reads": self.talking,
                "presence": self.presence_reporter,
                "backlogs": self.sockets,
                "passwords": self._passwords,
                "photos": self._photos,
                "tasks": self.tasks,
            }
        )

    async def bus_is_connected(self) -> bool:
        """Whether hints and events come in."""
        return self._live_bus.connected and self._presence_bus.connected

    async def _is_serving(self) -> bool:
        return self._serving

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`; then lets the sockets move on, and ends."""
        async with asyncio.TaskGroup() as group:
            serving = group.create_task(self._serve(stopping))
            background = [group.create_task(run_forever(loop, self._log)) for loop in self._background()]
            await serving
            for task in background:
                task.cancel()
        await self.tasks.stop()
        for pool in (self.chat, self.presence, self.tickets):
            await pool.close()
        self._passwords.close()
        self._photos.close()
        self._places.close()
        self._mongo.close()

    def _background(self) -> Sequence[Callable[[], Awaitable[None]]]:
        buses = (self._live_bus, self._presence_bus)
        batchers = (self.sender, self.sync_batcher, self.tokens, self.talking)
        fanout = (self.site_status, self.hint_consumer, self.catch_up, self.session_revocation, self.site_updates)
        presence = (self.presence_reporter, self.visitor_roster, self.visitor_roster.refresh, self.agent_roster.refresh)
        monitors = (self.overload_monitor, self.outage_notice, self.sockets)
        return [each.run for each in (*buses, *batchers, *fanout, *presence, *monitors)]

    async def _serve(self, stopping: asyncio.Event) -> None:
        address, ended = self._settings.ops_address, asyncio.Event()
        checks = {**self._checks, "serving": self._is_serving}
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_ops(address, self._registry, checks, stopping=stopping, ended=ended))
            if await prepared(self._prepare, stopping, self._log):
                await self._serve_public(stopping)
            ended.set()

    async def _serve_public(self, stopping: asyncio.Event) -> None:
        # The first one takes a tenth of a second, which no visitor should cost the others.
        await asyncio.to_thread(describe, "")
        config = public_config(self._app, self._settings.public_address, self._wires)
        hall, closing = AcceptQueue(), asyncio.Event()
        self.metrics.measure_queues({"hall": hall})
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_http(config, hall, closing))
            self._log.info("the gateway is ready", public=self._settings.public_address, boot=self.boot_id)
            freeze_gc()
            self._serving = True
            await stopping.wait()
            self._log.info("the gateway stops", sockets=len(self.hub.connections))
            await self.sockets.drain(self._settings.drain_ms)
            await self.presence_reporter.finish(FINISH_S)
            closing.set()

    def _welcomed(self, link: Connection, who: PeerIdentity) -> None:
        self.site_status.welcome(link, who)
        self.outage_notice.welcome(link, who)

    def _left(self, link: Connection, who: PeerIdentity) -> None:
        self.visitor_roster.unwatch(link, who)
        self.presence_reporter.disconnected(link, who)
        if who.site not in self.hub.sites:
            self.site_status.forget(who.site)
            self.participants.forget_site(who.site)

    async def _prepare(self) -> None:
        await self.store.ensure_indexes()
        if self._settings.mode == "production":
            await refuse_demo_sign_ins(self.store)


async def serve(stopping: asyncio.Event) -> None:
    """The whole life of the process."""
    async with set_up("gateway", Settings) as (settings, log, registry, traces):
        await Gateway(settings, log=log, registry=registry, traces=traces).run(stopping)


def main() -> None:
    """`palique serve gateway`, and `python -m services.gateway.main`."""
    run(serve)


if __name__ == "__main__":
    main()
