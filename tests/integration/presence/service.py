"""The presence service in the test's event loop, built as its process builds it, with a clock that the test moves."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from palique.presence.v1 import presence_pb2 as pb
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from prometheus_client import CollectorRegistry

from kit.ids import new_id, now_ms
from services.presence.main import run
from services.presence.settings import Settings
from tests.support.claimed_ports import claimed_ports
from tests.support.served import served

if TYPE_CHECKING:  # the generated stub exists for type checkers only
    from palique.presence.v1.presence_pb2_grpc import PresenceServiceAsyncStub

# Short: a test moves its clock and waits for the next sweep.
SWEEP_EVERY_S = 0.05
OURS, PARTNER = "gateway:*:ours", "crm:acme:partner"


def metadata(token: str = OURS.rpartition(":")[2]) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {token}"),)


# Many at once on a slow machine.
CALL_S = 60.0


class Service(NamedTuple):
    stub: "PresenceServiceAsyncStub"
    registry: CollectorRegistry

    async def report(self, *events: pb.SocketEvent, gateway: str = "g1", site: str = "acme") -> None:
        request = pb.ReportRequest(site=site, gateway=gateway, events=events)
        await self.stub.Report(request, metadata=metadata(), timeout=CALL_S)

    async def renew(self, gateway: str = "g1") -> bool:
        request = pb.RenewLeaseRequest(site="*", gateway=gateway)
        return (await self.stub.RenewLease(request, metadata=metadata(), timeout=CALL_S)).known

    async def online(self, site: str = "acme") -> dict[str, pb.VisitorRow]:
        answer = await self.stub.ListOnline(pb.ListOnlineRequest(site=site), metadata=metadata(), timeout=CALL_S)
        return {row.visitor: row for row in answer.rows}

    async def agents(self, site: str = "acme") -> dict[str, pb.AgentAvailability]:
        request = pb.ListAvailabilityRequest(site=site)
        answer = await self.stub.ListAvailability(request, metadata=metadata(), timeout=CALL_S)
        return {agent.agent: agent for agent in answer.agents}

    async def visitor(self, visitor_id: str, site: str = "acme") -> pb.Visitor:
        request = pb.GetVisitorRequest(site=site, visitor=visitor_id)
        return (await self.stub.GetVisitor(request, metadata=metadata(), timeout=CALL_S)).visitor

    def metric(self, name: str, **labels: str) -> float:
        """The value of a sample; 0 when it does not exist."""
        return self.registry.get_sample_value(name, labels) or 0.0


def settings_for(folder: Path, **values: Any) -> Settings:
    """Settings with free ports."""
    ports = claimed_ports(folder / f"{new_id()}.json")
    return Settings(
        grpc_address=f"127.0.0.1:{ports.port('grpc')}",
        ops_address=f"127.0.0.1:{ports.port('ops')}",
        rpc_tokens=(OURS, PARTNER),
        **values,
    )


def of_one_database(settings: Settings) -> dict[str, str]:
    """The settings that two processes on one database share."""
    return {name: getattr(settings, name) for name in ("mongodb_url", "amqp_url", "mongodb_prefix")}


@asynccontextmanager
async def running(settings: Settings, now: Callable[[], int] = now_ms) -> AsyncIterator[Service]:
    """Runs until the block ends; the process must then stop within 15 s."""
    stopping = asyncio.Event()
    registry = CollectorRegistry()
    log = structlog.stdlib.get_logger("test")
    serving = run(
        settings, stopping, log=log, registry=registry, now=now, sweep_every_s=SWEEP_EVERY_S, fact_retry_s=0.05
    )
    async with served(serving, settings.grpc_address, stopping) as channel:
        yield Service(PresenceServiceStub(channel), registry)


def connected(
    person: str, connection: str, at: int = 0, *, url: str = "https://shop.example/", title: str = "Shop"
) -> pb.SocketEvent:
    """`at` 0 becomes the service's time."""
    origin = pb.Origin(
        ip="203.0.113.9", country="DE", region="Germany", browser="Firefox", os="Linux", device="Desktop"
    )
    event = pb.VisitorConnected(page=pb.Page(url=url, title=title), origin=origin)
    return pb.SocketEvent(person=person, connection=connection, at_ms=at, visitor_connected=event)


def navigated(person: str, connection: str, url: str, title: str = "", at: int = 0) -> pb.SocketEvent:
    event = pb.VisitorNavigated(page=pb.Page(url=url, title=title))
    return pb.SocketEvent(person=person, connection=connection, at_ms=at, visitor_navigated=event)


def disconnected(person: str, connection: str) -> pb.SocketEvent:
    return pb.SocketEvent(person=person, connection=connection, visitor_disconnected=pb.VisitorDisconnected())


def agent_connected(agent: str, connection: str, name: str = "Ana") -> pb.SocketEvent:
    return pb.SocketEvent(person=agent, connection=connection, agent_connected=pb.AgentConnected(name=name))


def agent_chose(agent: str, connection: str, status: str, at: int = 0) -> pb.SocketEvent:
    event = pb.AgentChoseStatus(status=status)
    return pb.SocketEvent(person=agent, connection=connection, at_ms=at, agent_chose_status=event)


def agent_disconnected(agent: str, connection: str) -> pb.SocketEvent:
    return pb.SocketEvent(person=agent, connection=connection, agent_disconnected=pb.AgentDisconnected())
