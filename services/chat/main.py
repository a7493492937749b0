"""The chat process: builds all objects and runs them until SIGTERM.

With MongoDB away it answers `unavailable` or `retry` and recovers by itself; with RabbitMQ away it serves all calls.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import NamedTuple

from palique.chat.v1 import chat_pb2, chat_pb2_grpc, feed_pb2, feed_pb2_grpc, routing_pb2, routing_pb2_grpc
from prometheus_client import CollectorRegistry

from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import EVENTS, LIVE, BusDown
from kit.bus.outbox import Outbox
from kit.bus.publisher import Publisher
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.mongo import answers, close, connect, prepared
from kit.rpc.auth import AuthInterceptor, Tokens
from kit.rpc.server import RpcServer
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.process import finish, run, set_up
from kit.runtime.traces import NO_TRACES, Traces
from services.chat.app.append import INSERT_TIMEOUT_S, Appender
from services.chat.app.commands import ConversationCommands
from services.chat.app.feed import Feed
from services.chat.app.open_conversation import ConversationOpener
from services.chat.app.open_counts import COUNT_INTERVAL_S, OpenCounts
from services.chat.app.outbox_recovery import OutboxRecovery
from services.chat.app.post_commit import PostCommit
from services.chat.app.projection import FLUSH_INTERVAL_S, Projection
from services.chat.app.queries import ConversationQueries
from services.chat.app.read_marks import ReadMarks
from services.chat.app.requeue import AgentRequeue
from services.chat.app.search_indexer import INDEX_INTERVAL_S, INDEX_PAGE_SIZE, SearchIndexer
from services.chat.app.state_cache import StateCache
from services.chat.domain.log import Entry
from services.chat.domain.start_limit import StartLimit
from services.chat.events import HEARTBEAT_S, FactPublisher, HintPublisher
from services.chat.metrics import Metrics
from services.chat.rpc import ChatServicer, FeedServicer, RoutingServicer
from services.chat.settings import Settings
from services.chat.store.feed import FeedStore
from services.chat.store.search import MAX_SEARCHED, SearchStore
from services.chat.store.store import ChatStore


class Tuning(NamedTuple):
    """Intervals and sizes; tests pass smaller ones."""

    heartbeat_s: float = HEARTBEAT_S
    flush_interval_s: float = FLUSH_INTERVAL_S
    count_interval_s: float = COUNT_INTERVAL_S
    index_interval_s: float = INDEX_INTERVAL_S
    index_page_size: int = INDEX_PAGE_SIZE
    max_searched: int = MAX_SEARCHED
    insert_timeout_s: float = INSERT_TIMEOUT_S


DEFAULT_TUNING = Tuning()


class Chat:
    """One chat process. `run` may be called once.

    Build order: database, broker, publishing (needs both), append (needs publishing), search, then the use cases of the RPC layer.
    """

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
        self._metrics = Metrics(registry)
        self._failpoints = armed(settings.failpoints, service="chat", mode=settings.mode, registry=registry, log=log)
        self._build_database()
        self._build_broker()
        self._build_publishing()
        self._build_append()
        self._build_search()
        self._build_use_cases()
        self._metrics.measure_queues({"hints": self.hints, "marks": self._read_marks})

    def _build_database(self) -> None:
        self._mongo = connect(self._settings.mongodb_url, app="chat", registry=self._registry, traces=self._traces)
        self._database = self._mongo[f"{self._settings.mongodb_prefix}_chat"]
        self.store = ChatStore(self._database, log=self._log)
        self._feed_store = FeedStore(self._database)
        self.state_cache = StateCache(self.store)
        self._metrics.states_cached.set_function(lambda: len(self.state_cache))
        self._open_counts = OpenCounts(
            self.store, log=self._log, metrics=self._metrics, interval_s=self._tuning.count_interval_s
        )

    def _build_broker(self) -> None:
        self._live = Publisher(LIVE, confirms=False, traces=self._traces)
        self._events = Publisher(EVENTS, confirms=True, mandatory=True, traces=self._traces)
        self._bus = BrokerConnection(
            self._settings.amqp_url,
            "chat",
            (self._live, self._events),
            log=self._log,
            connections=connections_gauge(self._registry),
        )

    def _build_publishing(self) -> None:
        self.hints = HintPublisher(
            self._live.publish,
            name=new_id(),
            now=self._now,
            log=self._log,
            metrics=self._metrics,
            failpoints=self._failpoints,
            heartbeat_s=self._tuning.heartbeat_s,
        )
        self.projection = Projection(
            self.store, log=self._log, metrics=self._metrics, flush_interval_s=self._tuning.flush_interval_s
        )
        self.outbox: Outbox[Entry] = Outbox(
            publish=self._failpoints.around(
                FactPublisher(self._events, self._feed_store, self.store, self.state_cache).publish,
                before="fact.before_publish",
                after="fact.after_confirm",
                failure=BusDown,
            ),
            done=self.store.mark_published,
            pending=OutboxRecovery(self.store, self.state_cache, self.hints, log=self._log).recover,
            written_ms=lambda entry: entry.at_ms,
            now=self._now,
            log=self._log,
            registry=self._registry,
        )
        self._post_commit = PostCommit(self.projection, self.hints, publish_fact=self.outbox.post, log=self._log)

    def _build_append(self) -> None:
        self.appender = Appender(
            self.store,
            self.state_cache,
            self._post_commit,
            now=self._now,
            log=self._log,
            metrics=self._metrics,
            failpoints=self._failpoints,
            insert_timeout_s=self._tuning.insert_timeout_s,
        )
        self._opener = ConversationOpener(
            self.store,
            self.state_cache,
            self.appender,
            self.projection,
            start_limit=StartLimit(self._settings.visitor_chats),
            now=self._now,
            new_id=new_id,
            log=self._log,
            metrics=self._metrics,
            failpoints=self._failpoints,
        )

    def _build_search(self) -> None:
        self._search_store = SearchStore(self._database, max_searched=self._tuning.max_searched)
        self._search_indexer = SearchIndexer(
            self.store,
            self._search_store,
            log=self._log,
            metrics=self._metrics,
            interval_s=self._tuning.index_interval_s,
            page_size=self._tuning.index_page_size,
        )

    def _build_use_cases(self) -> None:
        self._queries = ConversationQueries(self.store, self._search_store, self.state_cache)
        self._feed = Feed(self._feed_store)
        self._read_marks = ReadMarks(self.store, self.state_cache, self.hints)
        self._commands = ConversationCommands(
            self.store, self.appender, self._opener, self._post_commit, self._queries, log=self._log
        )

        self._agent_requeue = AgentRequeue(
            self.store, self.state_cache, self.appender, self._post_commit, log=self._log, metrics=self._metrics
        )

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`; then finishes the running calls and their post-commit work."""
        ended = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                background = [group.create_task(work) for work in self._background()]
                server = self._rpc_server()
                group.create_task(self._serve_ops(server, stopping, ended))
                group.create_task(self._end_polls(stopping))
                if await prepared(self.store.ensure_indexes, stopping, self._log):
                    freeze_gc()
                    self._log.info("chat ready", grpc=self._settings.grpc_address, ops=self._settings.ops_address)
                    await server.serve(stopping)
                    self._log.info("chat stopping")
                # Acknowledged entries are safe already; this keeps lists and readers up to date.
                await finish(
                    self._post_commit.finish,
                    self.projection.flush,
                    self.hints.publish,
                    self.outbox.finish,
                    log=self._log,
                )
                ended.set()
                for task in background:
                    task.cancel()
        finally:
            close(self._mongo)

    async def _end_polls(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self._feed.end()

    def _background(self) -> list[Coroutine[object, None, None]]:
        return [
            self._bus.run(),
            self.hints.run(),
            self.state_cache.run(),
            self.projection.run(),
            self.outbox.run(),
            self.appender.run(),
            self._read_marks.run(),
            self._search_indexer.run(),
            self._open_counts.run(),
        ]

    async def _serve_ops(self, server: RpcServer, stopping: asyncio.Event, ended: asyncio.Event) -> None:
        checks = {
            "mongodb": lambda: answers(self._mongo),
            "rabbitmq": self._bus.is_connected,
            "serving": server.is_serving,
        }
        await serve_ops(self._settings.ops_address, self._registry, checks, stopping=stopping, ended=ended)

    def _rpc_server(self) -> RpcServer:
        gate = AuthInterceptor(Tokens(self._settings.rpc_tokens), log=self._log, registry=self._registry)
        server = RpcServer(self._settings.grpc_address, gate, self._settings.tls, self._traces)
        servicer = ChatServicer(
            self._commands, self._queries, self._read_marks, log=self._log, failpoints=self._failpoints
        )
        name = chat_pb2.DESCRIPTOR.services_by_name["ChatService"].full_name
        server.add(name, lambda inner: chat_pb2_grpc.add_ChatServiceServicer_to_server(servicer, inner))
        routing = RoutingServicer(self._commands, self._agent_requeue)
        routing_name = routing_pb2.DESCRIPTOR.services_by_name["RoutingService"].full_name
        server.add(routing_name, lambda inner: routing_pb2_grpc.add_RoutingServiceServicer_to_server(routing, inner))
        feed = FeedServicer(self._feed)
        feed_name = feed_pb2.DESCRIPTOR.services_by_name["FeedService"].full_name
        server.add(feed_name, lambda inner: feed_pb2_grpc.add_FeedServiceServicer_to_server(feed, inner))
        return server


async def serve(stopping: asyncio.Event) -> None:
    """Runs the process with settings from the environment."""
    async with set_up("chat", Settings) as (settings, log, registry, traces):
        await Chat(settings, log=log, registry=registry, traces=traces).run(stopping)


def main() -> None:
    """`palique serve chat`, and `python -m services.chat.main`."""
    run(serve)


if __name__ == "__main__":
    main()
