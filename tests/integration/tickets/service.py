"""The tickets service in the test's own loop, built as its process builds it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import grpc
import structlog
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from prometheus_client import CollectorRegistry

from devstack.ports import Ports
from kit.ids import new_id
from services.tickets.main import run
from services.tickets.settings import Settings

if TYPE_CHECKING:  # the generated code has it for checkers only
    from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceAsyncStub

OURS, PARTNER = "gateway:*:ours", "crm:acme:partner"


class Service(NamedTuple):
    stub: "TicketsServiceAsyncStub"
    settings: Settings
    registry: CollectorRegistry

    def metric(self, name: str, **labels: str) -> float:
        """A sample's value, 0 when it was never counted."""
        return self.registry.get_sample_value(name, labels) or 0.0


def metadata(token: str = "ours") -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def settings_for(folder: Path, **values: Any) -> Settings:
    """Settings with free ports; chat and presence are away unless `values` say where they are."""
    ports = Ports(folder / f"{new_id()}.json")
    given = {
        "grpc_address": f"127.0.0.1:{ports.port('grpc')}",
        "ops_address": f"127.0.0.1:{ports.port('ops')}",
        "rpc_tokens": (OURS, PARTNER),
        "rpc_token": "ours",
        "chat_addresses": (f"127.0.0.1:{ports.port('chat')}",),
        "presence_addresses": (f"127.0.0.1:{ports.port('presence')}",),
    }
    return Settings(**{**given, **values})


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Runs until the block ends; it must then stop by itself."""
    stopping = asyncio.Event()
    registry = CollectorRegistry()
    process = asyncio.create_task(run(settings, stopping, log=structlog.stdlib.get_logger("test"), registry=registry))
    async with grpc.aio.insecure_channel(settings.grpc_address) as channel:
        ready = asyncio.create_task(channel.channel_ready())
        await asyncio.wait((ready, process), return_when=asyncio.FIRST_COMPLETED, timeout=15)
        if process.done():
            await process
        await ready
        yield Service(TicketsServiceStub(channel), settings, registry)
        stopping.set()
        await asyncio.wait_for(process, 15)
