"""The chat process: everything is built here, and run until it is told to stop.

With MongoDB away it answers `unavailable` or `retry` and recovers by itself; with RabbitMQ away conversations go on.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from palique.chat.v1 import chat_pb2, chat_pb2_grpc
from prometheus_client import CollectorRegistry

from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import EVENTS, LIVE, BusDown
from kit.bus.outbox import Outbox
from kit.bus.publisher import Publisher
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.mongo import answers, connect, prepared
from kit.rpc.server import AuthInterceptor, RpcServer, Tokens
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.process import finish, run, set_up
from kit.runtime.traces import NO_TRACES, Traces
from services.chat.app.append import Appender
from services.chat.app.commands import ConversationCommands
from services.chat.app.open_conversation import ConversationOpener
from services.chat.app.open_counts import OpenCounts
from services.chat.app.outbox_recovery import OutboxRecovery
from services.chat.app.post_commit import PostCommit
from services.chat.app.projection import Projection
from services.chat.app.queries import ConversationQueries
from services.chat.app.read_marks import ReadMarks
from services.chat.app.search_indexer import SearchIndexer
from services.chat.app.state_cache import StateCache
from services.chat.domain.log import Entry
from services.chat.events import FactPublisher, HintPublisher
from services.chat.metrics import Metrics
from services.chat.rpc import ChatServicer
from services.chat.settings import Settings
from services.chat.store.search import SearchStore
from services.chat.store.store import ChatStore


class Chat:
    """One chat process, wired. `run` may be called once."""

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
        failpoints = armed(settings.failpoints, service="chat", mode=settings.mode, registry=registry, log=log)
        self._failpoints = failpoints
        self._traces = traces
        self._mongo = connect(settings.mongodb_url, app="chat", registry=registry, traces=self._traces)
        metrics = Metrics(registry)

        database = self._mongo[f"{settings.mongodb_prefix}_chat"]
        self.store = ChatStore(database, log=log)
        live = Publisher(LIVE, confirms=False, traces=self._traces)
        events = Publisher(EVENTS, confirms=True, mandatory=True, traces=self._traces)
        self._bus = BrokerConnection(
            settings.amqp_url, "chat", (live, events), log=log, connections=connections_gauge(registry)
        )
        self.hints = HintPublisher(
            live.publish, name=new_id(), now=now, log=log, metrics=metrics, failpoints=failpoints
        )

        self.folds = StateCache(self.store)
        metrics.folds_known.set_function(lambda: len(self.folds))
        self.projector = Projection(self.store, log=log, metrics=metrics)
        self.outbox: Outbox[Entry] = Outbox(
            publish=failpoints.around(
                FactPublisher(events, self.store, self.folds).publish,
                before="fact.before_publish",
                after="fact.after_confirm",
                failure=BusDown,
            ),
            done=self.store.confirmed,
            pending=OutboxRecovery(self.store, self.folds, self.hints, log=log).left,
            written_ms=lambda entry: entry.at_ms,
            now=now,
            log=log,
            registry=registry,
        )
        self.aftermath = PostCommit(self.projector, self.hints, tell=self.outbox.post, log=log)
        self.appender = Appender(
            self.store, self.folds, self.aftermath, now=now, log=log, metrics=metrics, failpoints=failpoints
        )
        opener = ConversationOpener(
            self.store,
            self.folds,
            self.appender,
            self.projector,
            now=now,
            new_id=new_id,
            log=log,
            metrics=metrics,
            failpoints=failpoints,
        )
        words = SearchStore(database)
        self.reading = ConversationQueries(self.store, words, self.folds)
        self.filing = SearchIndexer(self.store, words, log=log)
        self.counting = OpenCounts(self.store, log=log, metrics=metrics)
        self.marking = ReadMarks(self.store, self.folds, self.hints)
        metrics.measure_queues({"hints": self.hints, "marks": self.marking})
        self.commanding = ConversationCommands(self.store, self.appender, opener, self.aftermath, self.reading, log=log)

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`; then finishes the calls in hand and what follows from them."""
        ended = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                background = [group.create_task(work) for work in self._background()]
                server = self._rpc_server()
                group.create_task(self._serve_ops(server, stopping, ended))
                if await prepared(self.store.ensure_indexes, stopping, self._log):
                    freeze_gc()
                    self._log.info("chat is ready", grpc=self._settings.grpc_address, ops=self._settings.ops_address)
                    await server.serve(stopping)
                    self._log.info("chat stops")
                # What was acknowledged is safe already, this is courtesy to lists and readers.
                await finish(
                    self.aftermath.finish,
                    self.projector.flush,
                    self.hints.publish,
                    self.outbox.finish,
                    log=self._log,
                )
                ended.set()
                for task in background:
                    task.cancel()
        finally:
            # It says goodbye to the server and waits for an answer, which is not the loop's business.
            await asyncio.to_thread(self._mongo.close)

    def _background(self) -> list[Coroutine[Any, Any, None]]:
        return [
            self._bus.run(),
            self.hints.run(),
            self.folds.run(),
            self.projector.run(),
            self.outbox.run(),
            self.appender.run(),
            self.marking.run(),
            self.filing.run(),
            self.counting.run(),
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
        servicer = ChatServicer(self.commanding, self.reading, self.marking, log=self._log, failpoints=self._failpoints)
        name = chat_pb2.DESCRIPTOR.services_by_name["ChatService"].full_name
        server.add(name, lambda inner: chat_pb2_grpc.add_ChatServiceServicer_to_server(servicer, inner))
        return server


async def serve(stopping: asyncio.Event) -> None:
    """The whole life of the process."""
    async with set_up("chat", Settings) as (settings, log, registry, traces):
        await Chat(settings, log=log, registry=registry, traces=traces).run(stopping)


def main() -> None:
    """`palique serve chat`, and `python -m services.chat.main`."""
    run(serve)


if __name__ == "__main__":
    main()
