"""The tickets process: built here bottom up, and run until it is asked to stop.

It stays ready without chat, presence and RabbitMQ; only what needs them is refused or published later.
"""

import asyncio
from collections.abc import Callable

from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from prometheus_client import CollectorRegistry

from kit import mongo
from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import EVENTS, BusDown
from kit.bus.outbox import Outbox
from kit.bus.publisher import Publisher
from kit.bus.work_queue import RETRY_WAIT_S, WorkConsumer
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.migration import Migrations
from kit.rpc.auth import AuthInterceptor, Tokens
from kit.rpc.client import Pool, RpcClients
from kit.rpc.server import RpcServer
from kit.runtime import process
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.traces import NO_TRACES, Traces
from services.tickets.app.change import TicketChanges
from services.tickets.app.comments import TicketComments
from services.tickets.app.create import TicketCreation
from services.tickets.app.mail import MailQueue
from services.tickets.app.queries import TicketQueries
from services.tickets.app.transcript import TranscriptRefresher
from services.tickets.clients import GrpcClients
from services.tickets.events import KEYS, QUEUE, closed_handler, fact_publisher
from services.tickets.metrics import Metrics
from services.tickets.ports import Fact
from services.tickets.rpc import MailServicer, TicketsServicer
from services.tickets.settings import Settings
from services.tickets.smtp import SmtpServer
from services.tickets.store.comments import CommentStore
from services.tickets.store.mails import MailStore
from services.tickets.store.store import TicketStore


class TicketsProcess:
    """One tickets process. `run` may be called once."""

    def __init__(
        self,
        settings: Settings,
        *,
        log: Log,
        registry: CollectorRegistry,
        traces: Traces = NO_TRACES,
        now: Callable[[], int] = now_ms,
        fact_retry_s: float = RETRY_WAIT_S,
    ) -> None:
        """Builds in the order of dependence: database and clients, outbox, use cases, bus, server."""
        self._settings = settings
        self._log = log
        self._registry = registry
        self._traces = traces
        self._now = now
        self._failpoints = armed(settings.failpoints, service="tickets", mode=settings.mode, registry=registry, log=log)
        self._mongo = mongo.connect(settings.mongodb_url, app="tickets", registry=registry, traces=traces)
        database = self._mongo[f"{settings.mongodb_prefix}_tickets"]
        self._tickets, self._comments, self._mails = TicketStore(database), CommentStore(database), MailStore(database)
        self._migrations = Migrations(self._tickets.migrations, log=log, registry=registry)
        rpc = RpcClients(settings.rpc_token, registry, settings.tls, traces)
        self._chat = Pool(settings.chat_addresses, ChatServiceStub, rpc)
        self._presence = Pool(settings.presence_addresses, PresenceServiceStub, rpc)
        clients = GrpcClients(self._chat, self._presence)

        publisher = Publisher(EVENTS, confirms=True, traces=traces)
        self._outbox = self._build_outbox(publisher)
        metrics = Metrics(registry)
        transcripts = TranscriptRefresher(self._tickets, clients, metrics=metrics, log=log)
        self._consumer = self._build_consumer(transcripts, fact_retry_s)
        self._mail_queue = self._build_mail(metrics)
        gauge = connections_gauge(registry)
        self._bus = BrokerConnection(
            settings.amqp_url, "events", [publisher, self._consumer], log=log, connections=gauge
        )
        self._server = self._build_server(clients, transcripts, metrics)

    def _build_outbox(self, publisher: Publisher) -> Outbox[Fact]:
        publish = self._failpoints.around(
            fact_publisher(publisher), before="fact.before_publish", after="fact.after_confirm", failure=BusDown
        )
        return Outbox(
            publish=publish,
            done=self._tickets.mark_published,
            pending=self._tickets.unpublished,
            written_ms=lambda fact: fact.at_ms,
            now=self._now,
            log=self._log,
            registry=self._registry,
        )

    def _build_consumer(self, transcripts: TranscriptRefresher, retry_wait_s: float) -> WorkConsumer:
        handle = self._failpoints.around(
            closed_handler(transcripts, self._log), before="fact.before_effect", after="fact.after_effect"
        )
        return WorkConsumer(
            QUEUE,
            KEYS,
            handle,
            log=self._log,
            registry=self._registry,
            retry_wait_s=retry_wait_s,
            traces=self._traces,
        )

    def _build_mail(self, metrics: Metrics) -> MailQueue:
        mail = self._settings.mail
        return MailQueue(
            self._mails,
            SmtpServer(mail) if mail else None,
            new_id=new_id,
            now=self._now,
            metrics=metrics,
            failpoints=self._failpoints,
            log=self._log,
        )

    def _build_server(self, clients: GrpcClients, transcripts: TranscriptRefresher, metrics: Metrics) -> RpcServer:
        creation = TicketCreation(
            self._tickets,
            clients,
            transcripts,
            post_fact=self._outbox.post,
            new_id=new_id,
            now=self._now,
            metrics=metrics,
        )
        queries = TicketQueries(self._tickets)
        changes = TicketChanges(self._tickets, queries, post_fact=self._outbox.post, now=self._now, metrics=metrics)
        comments = TicketComments(self._comments, new_id=new_id, now=self._now)
        gate = AuthInterceptor(Tokens(self._settings.rpc_tokens), log=self._log, registry=self._registry)
        server = RpcServer(self._settings.grpc_address, gate, self._settings.tls, self._traces)
        TicketsServicer(creation, changes, queries, comments).register(server)
        MailServicer(self._mail_queue).register(server)
        return server

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`, then finishes calls and facts in hand. Unpublished facts stay stored for the next process."""
        ended = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._serve_ops(stopping, ended))
                if await mongo.prepared(self._ensure_indexes, stopping, self._log):
                    parts = (self._bus, self._outbox, self._migrations, self._mail_queue)
                    background = [group.create_task(part.run()) for part in parts]
                    freeze_gc()
                    await self._server.serve(stopping)
                    await process.finish(
                        self._consumer.finish, self._outbox.finish, self._mail_queue.finish, log=self._log
                    )
                    for task in background:
                        task.cancel()
                ended.set()
        finally:
            await self._chat.close()
            await self._presence.close()
            mongo.close(self._mongo)

    async def _ensure_indexes(self) -> None:
        await self._tickets.ensure_indexes()
        await self._comments.ensure_indexes()
        await self._mails.ensure_indexes()

    async def _serve_ops(self, stopping: asyncio.Event, ended: asyncio.Event) -> None:
        checks = {
            "mongodb": lambda: mongo.answers(self._mongo),
            "rabbitmq": self._bus.is_connected,
            "chat": self._chat.ready,
            "presence": self._presence.ready,
            "serving": self._server.is_serving,
        }
        await serve_ops(self._settings.ops_address, self._registry, checks, stopping=stopping, ended=ended)


async def run(
    settings: Settings,
    stopping: asyncio.Event,
    *,
    log: Log,
    registry: CollectorRegistry,
    traces: Traces = NO_TRACES,
    now: Callable[[], int] = now_ms,
    fact_retry_s: float = RETRY_WAIT_S,
) -> None:
    """Builds the process and serves until `stopping`."""
    tickets = TicketsProcess(settings, log=log, registry=registry, traces=traces, now=now, fact_retry_s=fact_retry_s)
    await tickets.run(stopping)


async def serve(stopping: asyncio.Event) -> None:
    """Runs the process with settings, log and metrics from its environment."""
    async with process.set_up("tickets", Settings) as (settings, log, registry, traces):
        await run(settings, stopping, log=log, registry=registry, traces=traces)


def main() -> None:
    """`palique serve tickets`, and `python -m services.tickets.main`."""
    process.run(serve)


if __name__ == "__main__":
    main()
