"""The gateway process: everything is built here, and run until it is told to stop.

With MongoDB away nobody signs in, and who is connected stays so; with chat away messages are answered `retry`; with the
broker or presence away conversations go on.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
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
        self.away = OutageNotice(self._checks, hub=self.hub, log=log)
        words = Publisher(PRESENCE, confirms=False, ttl_s=EPHEMERAL_TTL_S, traces=traces)
        self.revocations = SessionRevocation(self.hub, words, self.identities, tasks=self.tasks, log=log)
        self.site_changes = SiteUpdates(self.hub, words, self.identities, tasks=self.tasks, log=log)
        self.sender = AppendBatcher(self.chat, failpoints=failpoints)
        self.syncing = SyncBatcher(self.chat)
        self.directory = ParticipantCache(self.chat)
        self.catching_up = CatchUpLoop(
            self.chat,
            hub=self.hub,
            syncing=self.syncing,
            directory=self.directory,
            hints_come_in=lambda: self._live_bus.connected and self.hints.come_in,
            log=log,
            metrics=self.metrics,
        )
        self.reporting = PresenceReporter(
            self.presence,
            hub=self.hub,
            gateway=self.boot_id,
            tasks=self.tasks,
            now=now,
            log=log,
            metrics=self.metrics,
            failpoints=failpoints,
        )
        self.availability = AgentRoster(
            self.presence,
            hub=self.hub,
            bus_is_up=lambda: self._presence_bus.connected,
            now=now,
            log=log,
            metrics=self.metrics,
        )
        self.pressure = OverloadMonitor(waiting=lambda: len(self.sender), log=log, metrics=self.metrics)
        self.visitors = VisitorRoster(
            self.presence,
            bus_is_up=lambda: self._presence_bus.connected,
            sheds=self.pressure.sheds,
            tasks=self.tasks,
            now=now,
            log=log,
            metrics=self.metrics,
        )
        self.standing = SiteStatus(
            self.hub, online=self.availability.online, load=self.catching_up.load, sheds=self.pressure.sheds
        )
        self.talking = MessageHandlers(
            self.chat,
            sender=self.sender,
            syncing=self.syncing,
            directory=self.directory,
            names=VisitorNameCache(self.presence),
            typing=words,
            takes_chat=self.standing.takes_chat,
            tasks=self.tasks,
            now=now,
            metrics=self.metrics,
        )
        commanding = ConversationHandlers(self.chat, self.presence, hub=self.hub, directory=self.directory)
        admission = Authenticator(
            self.identities, message_rate=settings.message_rate, message_burst=settings.message_burst
        )
        desk = FrameDispatcher(
            hub=self.hub,
            admission=admission,
            resuming=SessionResume(
                self.chat, syncing=self.syncing, directory=self.directory, now=now, failpoints=failpoints
            ),
            direct=self.talking.sync_handlers() | self.reporting.sync_handlers() | self.visitors.sync_handlers(),
            waits=self.talking.async_handlers() | commanding.async_handlers(),
            admitted=self.reporting.came,
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
        self.hints = HintConsumer(
            self.hub,
            writes=self._wires.writes,
            directory=self.directory,
            standing=self.standing,
            catching_up=self.catching_up,
            now=now,
            metrics=self.metrics,
        )
        connections = connections_gauge(registry)
        live = LiveSubscriber(
            LIVE,
            f"gateway.{self.boot_id}",
            handle=failpoints.around_now("hint.received", self.hints.take),
            fresh=self.hints.fresh,
            log=log,
            traces=traces,
        )
        self._live_bus = BrokerConnection(settings.amqp_url, "gateway-live", (live,), log=log, connections=connections)
        words_heard = GatewayEventConsumer(
            self.hub,
            ended=self.revocations.heard,
            site_changed=self.site_changes.heard,
            availability=self.availability,
            visitors=self.visitors,
        )
        said = LiveSubscriber(
            PRESENCE,
            f"gateway.{self.boot_id}.presence",
            handle=words_heard.take,
            fresh=words_heard.fresh,
            log=log,
            keys=(TYPING_KEY, REVOKED_KEY, SITE_KEY, AVAILABILITY_KEY),
            traces=traces,
        )
        self.visitors.subscriber = said
        self._presence_bus = BrokerConnection(
            settings.amqp_url, "gateway-presence", (words, said), log=log, connections=connections
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
                    revocations=self.revocations,
                    site_changes=self.site_changes,
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
                "hints": self.hints,
                "tokens": self.tokens,
                "sync": self.syncing,
                "reads": self.talking,
                "presence": self.reporting,
                "backlogs": self.sockets,
                "passwords": self._passwords,
                "photos": self._photos,
                "tasks": self.tasks,
            }
        )

    async def bus_is_connected(self) -> bool:
        """Whether hints and words come in."""
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
        loops = (self._live_bus, self._presence_bus, self.sender, self.syncing, self.talking, self.standing, self.hints)
        more = (self.reporting, self.visitors, self.revocations, self.site_changes, self.sockets)
        watching = (self.pressure, self.away, self.tokens)
        rosters = (self.availability.refreshing, self.visitors.refreshing)
        return (
            partial(self.catching_up.run, self.standing),
            *(each.run for each in (*loops, *more, *watching, *rosters)),
        )

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
            self._log.info("the gateway stops", sockets=len(self.hub.links))
            await self.sockets.drain(self._settings.drain_ms)
            await self.reporting.finish(FINISH_S)
            closing.set()

    def _welcomed(self, link: Connection, who: PeerIdentity) -> None:
        self.standing.welcome(link, who)
        self.away.welcome(link, who)

    def _left(self, link: Connection, who: PeerIdentity) -> None:
        self.visitors.forget(link, who)
        self.reporting.left(link, who)
        if who.site not in self.hub.sites:
            self.standing.forget(who.site)
            self.directory.forget(who.site)

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
