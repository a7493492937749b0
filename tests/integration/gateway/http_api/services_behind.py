"""Presence, chat and tickets in the test's event loop, built as their processes build them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import structlog
from prometheus_client import CollectorRegistry

from kit.runtime.logs import Log
from services.chat.main import DEFAULT_TUNING, Chat, Tuning
from services.chat.settings import Settings as ChatSettings
from services.presence import main as presence
from services.presence.settings import Settings as PresenceSettings
from services.tickets import main as tickets
from services.tickets.settings import Settings as TicketsSettings
from tests.integration.gateway.http_api.http_side import TOKEN
from tests.integration.gateway.http_api.stand_ins import Addresses
from tests.support.claimed_ports import claimed_ports
from tests.support.json_object import JsonObject

# No gateway renews the lease of a visitor here: on a slow machine a sweep would end visits in the middle of a test.
NO_SWEEP_S = 3600.0
READY_S = 60


@asynccontextmanager
async def services_behind(
    mongodb_url: str,
    amqp_url: str,
    prefix: str,
    folder: Path,
    chat_tuning: Tuning = DEFAULT_TUNING,
    tickets_settings: JsonObject | None = None,
) -> AsyncIterator[Addresses]:
    """Runs the services until the block ends."""
    ports = claimed_ports(folder / "ports.json")
    where = Addresses(*(f"127.0.0.1:{ports.port(name)}" for name in Addresses._fields))
    stopping = asyncio.Event()

    def common(name: str) -> JsonObject:
        return {
            "mongodb_url": mongodb_url,
            "mongodb_prefix": prefix,
            "amqp_url": amqp_url,
            "ops_address": f"127.0.0.1:{ports.port(f'{name} ops')}",
            "grpc_address": getattr(where, name),
            "rpc_tokens": (f"gateway:*:{TOKEN}",),
        }

    log: Log = structlog.stdlib.get_logger("test")
    others: JsonObject = {
        "rpc_token": TOKEN,
        "chat_addresses": (where.chat,),
        "presence_addresses": (where.presence,),
    }
    processes: list[Coroutine[object, object, None]] = [
        Chat(ChatSettings(**common("chat")), log=log, registry=CollectorRegistry(), tuning=chat_tuning).run(stopping),
        presence.run(
            PresenceSettings(**common("presence")),
            stopping,
            log=log,
            registry=CollectorRegistry(),
            sweep_every_s=NO_SWEEP_S,
        ),
        tickets.run(
            TicketsSettings(**common("tickets"), **others, **(tickets_settings or {})),
            stopping,
            log=log,
            registry=CollectorRegistry(),
        ),
    ]
    async with asyncio.TaskGroup() as group:
        for process in processes:
            group.create_task(process)
        for address in where:
            async with grpc.aio.insecure_channel(address) as channel:
                await asyncio.wait_for(channel.channel_ready(), READY_S)
        yield where
        stopping.set()
