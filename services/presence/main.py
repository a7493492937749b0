"""The presence process: everything is built here, top to bottom."""

import asyncio
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from kit import mongo
from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import PRESENCE, BusDown
from kit.bus.publisher import Publisher
from kit.bus.work_queue import WorkConsumer
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.rpc.server import AuthInterceptor, RpcServer, Tokens
from kit.runtime import process
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.traces import NO_TRACES, Traces
from services.presence.app.presence import Presence
from services.presence.app.sweeper import Sweeper
from services.presence.events import FACT_KEYS, TTL_S, ChatFacts, DeltaTeller
from services.presence.metrics import Metrics
from services.presence.rpc import PresenceRpc
from services.presence.settings import Settings
from services.presence.store.store import Store


async def run(
    settings: Settings,
    stopping: asyncio.Event,
    *,
    log: Log,
    registry: CollectorRegistry,
    traces: Traces = NO_TRACES,
    now: Callable[[], int] = now_ms,
) -> None:
    """Serves until `stopping`. Nobody who is online is forgotten by its end: the next process finds them in the database."""
    metrics = Metrics(registry)
    failpoints = armed(settings.failpoints, service="presence", mode=settings.mode, registry=registry, log=log)
    client = mongo.connect(settings.mongodb_url, app="presence", registry=registry, traces=traces)
    store = Store(client[f"{settings.mongodb_prefix}_presence"])

    publisher = Publisher(PRESENCE, confirms=False, ttl_s=TTL_S, traces=traces)
    publish = failpoints.around(publisher.publish, before="delta.publish", failure=BusDown)
    teller = DeltaTeller(new_id(), publish, metrics=metrics, log=log)
    presence = Presence(store, teller, now=now, metrics=metrics)
    sweeper = Sweeper(store, teller, now=now, metrics=metrics, log=log)
    take = failpoints.around(ChatFacts(presence, log=log).take, before="fact.before_effect", after="fact.after_effect")
    facts = WorkConsumer("presence.events", FACT_KEYS, take, log=log, registry=registry, traces=traces)
    connections = connections_gauge(registry)
    # Two connections: a flood of deltas must not hold up the facts.
    deltas_bus = BrokerConnection(
        settings.amqp_url, "presence-deltas", [publisher, teller], log=log, connections=connections
    )
    facts_bus = BrokerConnection(settings.amqp_url, "presence-facts", [facts], log=log, connections=connections)

    gate = AuthInterceptor(Tokens(settings.rpc_tokens), log=log, registry=registry)
    server = RpcServer(settings.grpc_address, gate, settings.tls, traces)
    PresenceRpc(presence, now=now).add_to(server)

    async def rabbitmq() -> bool:
        return deltas_bus.connected and facts_bus.connected

    checks = {"mongodb": lambda: mongo.answers(client), "rabbitmq": rabbitmq, "serving": server.is_serving}
    ended = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_ops(settings.ops_address, registry, checks, stopping=stopping, ended=ended))
            if await mongo.prepared(store.prepare, stopping, log):
                runners = (sweeper.run(), teller.run(), deltas_bus.run(), facts_bus.run())
                background = [group.create_task(runner) for runner in runners]
                freeze_gc()
                await server.serve(stopping)
                await process.finish(facts.finish, teller.flush, log=log)
                for task in background:
                    task.cancel()
            ended.set()
    finally:
        client.close()


async def serve(stopping: asyncio.Event) -> None:
    """The whole life of the process."""
    async with process.set_up("presence", Settings) as (settings, log, registry, traces):
        await run(settings, stopping, log=log, registry=registry, traces=traces)


def main() -> None:
    """`palique serve presence`, and `python -m services.presence.main`."""
    process.run(serve)


if __name__ == "__main__":
    main()
