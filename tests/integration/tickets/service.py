"""The tickets service in the test's event loop, built as its process builds it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from palique.tickets.v1 import tickets_pb2
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from prometheus_client import CollectorRegistry

from kit.ids import new_id, now_ms
from services.tickets.main import run
from services.tickets.settings import Settings
from tests.support.claimed_ports import claimed_ports
from tests.support.served import served

if TYPE_CHECKING:  # the generated stub exists for type checkers only
    from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceAsyncStub

ANA = tickets_pb2.Person(kind="agent", id="ana", name="Ana")
BEN = tickets_pb2.Person(kind="agent", id="ben", name="Ben")
# Short, so that a failed fact is delivered again at once.
FACT_RETRY_S = 0.05
OURS, PARTNER = "gateway:*:ours", "crm:acme:partner"


class Service(NamedTuple):
    stub: "TicketsServiceAsyncStub"
    settings: Settings
    registry: CollectorRegistry

    async def open(self, conversation: str, **fields: Any) -> tickets_pb2.OpenFromConversationResponse:
        request = tickets_pb2.OpenFromConversationRequest(
            **{"site": "acme", "conversation": conversation, "by": ANA, **fields}
        )
        return await self.stub.OpenFromConversation(request, metadata=metadata(), timeout=10)

    async def get(self, ticket: str, site: str = "acme") -> tickets_pb2.Ticket:
        request = tickets_pb2.GetTicketRequest(site=site, ticket=ticket)
        return (await self.stub.GetTicket(request, metadata=metadata(), timeout=10)).ticket

    async def change(self, ticket: str, version: int, **fields: Any) -> tickets_pb2.Ticket:
        request = tickets_pb2.ChangeTicketRequest(
            **{"site": "acme", "ticket": ticket, "version": version, "by": ANA, **fields}
        )
        return (await self.stub.ChangeTicket(request, metadata=metadata(), timeout=10)).ticket

    async def create(self, client_id: str, **fields: Any) -> tickets_pb2.Ticket:
        request = tickets_pb2.CreateTicketRequest(
            **{"site": "acme", "client_id": client_id, "subject": "Broken lamp", "by": ANA, **fields}
        )
        return (await self.stub.CreateTicket(request, metadata=metadata(), timeout=10)).ticket

    def metric(self, name: str, **labels: str) -> float:
        """The value of a sample; 0 when it does not exist."""
        return self.registry.get_sample_value(name, labels) or 0.0


def metadata(token: str = "ours") -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


def settings_for(folder: Path, **values: Any) -> Settings:
    """Settings with free ports. Without addresses in `values` chat and presence are unreachable."""
    ports = claimed_ports(folder / f"{new_id()}.json")
    given = {
        "grpc_address": f"127.0.0.1:{ports.port('grpc')}",
        "ops_address": f"127.0.0.1:{ports.port('ops')}",
        "rpc_tokens": (OURS, PARTNER),
        "rpc_token": "ours",
        "mode": "development",
        "chat_addresses": (f"127.0.0.1:{ports.port('chat')}",),
        "presence_addresses": (f"127.0.0.1:{ports.port('presence')}",),
    }
    return Settings(**{**given, **values})


@asynccontextmanager
async def running(settings: Settings, now: Callable[[], int] = now_ms) -> AsyncIterator[Service]:
    """Runs until the block ends; the process must then stop within 15 s."""
    stopping = asyncio.Event()
    registry = CollectorRegistry()
    log = structlog.stdlib.get_logger("test")
    serving = run(settings, stopping, log=log, registry=registry, now=now, fact_retry_s=FACT_RETRY_S)
    async with served(serving, settings.grpc_address, stopping) as channel:
        yield Service(TicketsServiceStub(channel), settings, registry)
