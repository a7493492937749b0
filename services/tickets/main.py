"""The tickets process, from top to bottom."""

import asyncio

from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from prometheus_client import CollectorRegistry

from kit import mongo
from kit.bus.connection import BrokerConnection, connections_gauge
from kit.bus.exchanges import EVENTS, BusDown
from kit.bus.outbox import Outbox
from kit.bus.publisher import Publisher
from kit.bus.work_queue import WorkConsumer
from kit.failpoints import armed
from kit.ids import new_id, now_ms
from kit.rpc.client import Pool, RpcClients
from kit.rpc.server import AuthInterceptor, RpcServer, Tokens
from kit.runtime import process
from kit.runtime.gc_tuning import freeze_gc
from kit.runtime.logs import Log
from kit.runtime.ops import serve_ops
from kit.runtime.traces import NO_TRACES, Traces
from services.tickets import events
from services.tickets.app.comments import Comments
from services.tickets.app.tickets import App
from services.tickets.clients import GrpcSources
from services.tickets.metrics import Metrics
from services.tickets.ports import Fact
from services.tickets.rpc import TicketsServicer
from services.tickets.settings import Settings
from services.tickets.store.comments import MongoComments
from services.tickets.store.store import MongoStore


async def run(
    settings: Settings,
    stopping: asyncio.Event,
    *,
    log: Log,
    registry: CollectorRegistry,
    traces: Traces = NO_TRACES,
) -> None:
    """Serves until `stopping`: calls in flight are answered, facts that are left go out at the next start."""
    failpoints = armed(settings.failpoints, service="tickets", mode=settings.mode, registry=registry, log=log)
    client = mongo.connect(settings.mongodb_url, app="tickets", registry=registry, traces=traces)
    database = f"{settings.mongodb_prefix}_tickets"
    store, comments = MongoStore(client, database), MongoComments(client, database)
    clients = RpcClients(settings.rpc_token, registry, settings.tls, traces)
    chat = Pool(settings.chat_addresses, ChatServiceStub, clients)
    presence = Pool(settings.presence_addresses, PresenceServiceStub, clients)

    publisher = Publisher(EVENTS, confirms=True, traces=traces)
    outbox: Outbox[Fact] = Outbox(
        publish=failpoints.around(
            events.publish_with(publisher), before="fact.before_publish", after="fact.after_confirm", failure=BusDown
        ),
        done=store.published,
        pending=store.unpublished,
        written_ms=lambda fact: fact.at_ms,
        now=now_ms,
        log=log,
        registry=registry,
    )
    app = App(
        store,
        GrpcSources(chat, presence),
        tell=outbox.post,
        new_id=new_id,
        now=now_ms,
        metrics=Metrics(registry),
        log=log,
    )
    closed = failpoints.around(events.closed_with(app, log), before="fact.before_effect", after="fact.after_effect")
    consumer = WorkConsumer(events.QUEUE, events.KEYS, closed, log=log, registry=registry, traces=traces)
    bus = BrokerConnection(
        settings.amqp_url, "events", [publisher, consumer], log=log, connections=connections_gauge(registry)
    )

    gate = AuthInterceptor(Tokens(settings.rpc_tokens), log=log, registry=registry)
    server = RpcServer(settings.grpc_address, gate, settings.tls, traces)
    TicketsServicer(app, Comments(comments, new_id=new_id, now=now_ms)).register(server)

    async def prepare() -> None:
        await store.prepare()
        await comments.prepare()

    checks = {
        "mongodb": lambda: mongo.answers(client),
        "rabbitmq": bus.is_connected,
        "chat": chat.ready,
        "presence": presence.ready,
        "serving": server.is_serving,
    }
    ended = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_ops(settings.ops_address, registry, checks, stopping=stopping, ended=ended))
            if await mongo.prepared(prepare, stopping, log):
                background = [group.create_task(bus.run()), group.create_task(outbox.run())]
                freeze_gc()
                await server.serve(stopping)
                await process.finish(consumer.finish, outbox.finish, log=log)
                for task in background:
                    task.cancel()
            ended.set()
    finally:
        await chat.close()
        await presence.close()
        client.close()


async def serve(stopping: asyncio.Event) -> None:
    """The whole life of the process."""
    async with process.set_up("tickets", Settings) as (settings, log, registry, traces):
        await run(settings, stopping, log=log, registry=registry, traces=traces)


def main() -> None:
    """`palique serve tickets`, and `python -m services.tickets.main`."""
    process.run(serve)


if __name__ == "__main__":
    main()
