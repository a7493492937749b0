"""The presence process: built here bottom up, and run until it is asked to stop.

With MongoDB unreachable it refuses calls with `retry`; with RabbitMQ unreachable it serves, and gateways read the list afterwards.
"""

import asyncio
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from kit import mongo
from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import PRESENCE, BusDown
from kit.bus.publisher import Publisher
from kit.bus.work_queue import RETRY_WAIT_S, WorkConsumer
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.migration import Migrations
from kit.rpc.auth import AuthInterceptor, Tokens
from kit.rpc.server import RpcServer
from kit.runtime import process
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.traces import NO_TRACES, Traces
from services.presence.app.presence import Presence
from services.presence.app.sweeper import SWEEP_EVERY_S, Sweeper
from services.presence.events import FACT_KEYS, QUEUE, TTL_S, ChatFactHandler, DeltaPublisher
from services.presence.metrics import Metrics
from services.presence.rpc import PresenceServicer
from services.presence.settings import Settings
from services.presence.store.store import PresenceStore


class PresenceProcess:
    """One presence process. `run` may be called once."""

    def __init__(
        self,
        settings: Settings,
        *,
        log: Log,
        registry: CollectorRegistry,
        traces: Traces = NO_TRACES,
        now: Callable[[], int] = now_ms,
        sweep_every_s: float = SWEEP_EVERY_S,
        fact_retry_s: float = RETRY_WAIT_S,
    ) -> None:
        """Builds in the order of dependence: database, delta publisher, use cases, consumer of facts, bus, server."""
        self._settings = settings
        self._log = log
        self._registry = registry
        self._traces = traces
        self._failpoints = armed(
            settings.failpoints, service="presence", mode=settings.mode, registry=registry, log=log
        )
        self._mongo = mongo.connect(settings.mongodb_url, app="presence", registry=registry, traces=traces)
        self._store = PresenceStore(self._mongo[f"{settings.mongodb_prefix}_presence"])

        self._migrations = Migrations(self._store.migrations, log=log, registry=registry)
        metrics = Metrics(registry)
        publisher = Publisher(PRESENCE, confirms=False, ttl_s=TTL_S, traces=traces)
        publish = self._failpoints.around(publisher.publish, before="delta.publish", failure=BusDown)
        self._deltas = DeltaPublisher(new_id(), publish, metrics=metrics, log=log)
        self._sweeper = Sweeper(self._store, self._deltas, now=now, metrics=metrics, log=log, every_s=sweep_every_s)
        presence = Presence(self._store, self._deltas, now=now, metrics=metrics)
        self._facts = self._build_consumer(presence, fact_retry_s)
        # Two connections, so that a flood of deltas does not delay the facts.
        gauge = connections_gauge(registry)
        self._deltas_bus = BrokerConnection(
            settings.amqp_url, "presence-deltas", [publisher, self._deltas], log=log, connections=gauge
        )
        self._facts_bus = BrokerConnection(
            settings.amqp_url, "presence-facts", [self._facts], log=log, connections=gauge
        )
        self._server = self._build_server(presence, now)

    def _build_consumer(self, presence: Presence, retry_wait_s: float) -> WorkConsumer:
        handle = self._failpoints.around(
            ChatFactHandler(presence).handle, before="fact.before_effect", after="fact.after_effect"
        )
        return WorkConsumer(
            QUEUE,
            FACT_KEYS,
            handle,
            log=self._log,
            registry=self._registry,
            retry_wait_s=retry_wait_s,
            traces=self._traces,
        )

    def _build_server(self, presence: Presence, now: Callable[[], int]) -> RpcServer:
        gate = AuthInterceptor(Tokens(self._settings.rpc_tokens), log=self._log, registry=self._registry)
        server = RpcServer(self._settings.grpc_address, gate, self._settings.tls, self._traces)
        PresenceServicer(presence, now=now).register(server)
        return server

    async def run(self, stopping: asyncio.Event) -> None:
        """Serves until `stopping`, then finishes calls, facts and deltas in hand. The list of online visitors stays in the database."""
        ended = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._serve_ops(stopping, ended))
                if await mongo.prepared(self._store.ensure_indexes, stopping, self._log):
                    parts = (self._sweeper, self._deltas, self._deltas_bus, self._facts_bus, self._migrations)
                    background = [group.create_task(part.run()) for part in parts]
                    freeze_gc()
                    await self._server.serve(stopping)
                    await process.finish(self._facts.finish, self._deltas.flush, log=self._log)
                    for task in background:
                        task.cancel()
                ended.set()
        finally:
            mongo.close(self._mongo)

    async def _serve_ops(self, stopping: asyncio.Event, ended: asyncio.Event) -> None:
        async def rabbitmq() -> bool:
            return self._deltas_bus.connected and self._facts_bus.connected

        checks = {
            "mongodb": lambda: mongo.answers(self._mongo),
            "rabbitmq": rabbitmq,
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
    sweep_every_s: float = SWEEP_EVERY_S,
    fact_retry_s: float = RETRY_WAIT_S,
) -> None:
    """Builds the process and serves until `stopping`."""
    presence = PresenceProcess(
        settings,
        log=log,
        registry=registry,
        traces=traces,
        now=now,
        sweep_every_s=sweep_every_s,
        fact_retry_s=fact_retry_s,
    )
    await presence.run(stopping)


async def serve(stopping: asyncio.Event) -> None:
    """Runs the process with settings, log and metrics from its environment."""
    async with process.set_up("presence", Settings) as (settings, log, registry, traces):
        await run(settings, stopping, log=log, registry=registry, traces=traces)


def main() -> None:
    """`palique serve presence`, and `python -m services.presence.main`."""
    process.run(serve)


if __name__ == "__main__":
    main()
