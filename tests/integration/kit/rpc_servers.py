"""gRPC servers of the test's loop, and clients of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from palique.chat.v1 import chat_pb2, chat_pb2_grpc
from palique.presence.v1 import presence_pb2, presence_pb2_grpc
from palique.tickets.v1 import tickets_pb2, tickets_pb2_grpc
from prometheus_client import CollectorRegistry

from devstack.ports import Ports
from kit.ids import new_id
from kit.rpc.auth import DEFAULT_DEADLINE_S, AuthInterceptor, Tokens, current_caller
from kit.rpc.client import SUSPECT_S, Pool, RpcClients
from kit.rpc.server import RpcServer

LOG = structlog.stdlib.get_logger("test")
TOKENS = ("gateway:*:ours", "crm:acme:partner")
TICKETS = "palique.tickets.v1.TicketsService"
CHAT = "palique.chat.v1.ChatService"
PRESENCE = "palique.presence.v1.PresenceService"
Answer = Callable[[tickets_pb2.GetTicketRequest], Awaitable[tickets_pb2.GetTicketResponse]]


class OneMethod(tickets_pb2_grpc.TicketsServiceServicer):
    """GetTicket answers as the test says; the other methods are not implemented."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def GetTicket(self, request: tickets_pb2.GetTicketRequest, _: object) -> tickets_pb2.GetTicketResponse:  # noqa: N802
        return await self._answer(request)


async def says(request: tickets_pb2.GetTicketRequest) -> tickets_pb2.GetTicketResponse:
    """A ticket with the caller's name."""
    caller = current_caller()
    return tickets_pb2.GetTicketResponse(ticket=tickets_pb2.Ticket(site=request.site, subject=caller.name))


class Served:
    """A server of the test's loop that can be stopped early."""

    def __init__(self, address: str, answer: Answer, deadline_s: float = DEFAULT_DEADLINE_S) -> None:
        self.address = address
        self.registry = CollectorRegistry()
        self.stopping = asyncio.Event()
        tokens = Tokens(TOKENS)
        gate = AuthInterceptor(tokens, log=LOG, registry=self.registry, default_deadline_s=deadline_s)
        server = RpcServer(address, gate)
        # Most methods are not implemented, which an accepted call gets as its answer.
        tickets: Any = OneMethod
        chat: Any = chat_pb2_grpc.ChatServiceServicer
        presence: Any = presence_pb2_grpc.PresenceServiceServicer
        server.add(TICKETS, lambda raw: tickets_pb2_grpc.add_TicketsServiceServicer_to_server(tickets(answer), raw))
        server.add(CHAT, lambda raw: chat_pb2_grpc.add_ChatServiceServicer_to_server(chat(), raw))
        server.add(PRESENCE, lambda raw: presence_pb2_grpc.add_PresenceServiceServicer_to_server(presence(), raw))
        self.task = asyncio.create_task(server.serve(self.stopping))

    async def stop(self) -> None:
        self.stopping.set()
        await asyncio.wait((self.task,), timeout=10)
        self.task.result()

    @property
    def restarts(self) -> float:
        return self.registry.get_sample_value("palique_rpc_restarts_total") or 0.0

    def handled(self, code: str) -> float:
        labels = {"method": "GetTicket", "code": code}
        return self.registry.get_sample_value("palique_rpc_handled_seconds_count", labels) or 0.0


class Servers:
    def __init__(self, folder: Path) -> None:
        self._ports = Ports(folder / "ports.json")
        self._all: list[Served] = []

    def address(self) -> str:
        return f"127.0.0.1:{self._ports.port(new_id())}"

    async def start(self, answer: Answer = says, address: str = "", deadline_s: float = DEFAULT_DEADLINE_S) -> Served:
        served = Served(address or self.address(), answer, deadline_s)
        self._all.append(served)
        async with channel_to(served.address) as channel:
            await asyncio.wait_for(channel.channel_ready(), 10)
        return served

    async def stop(self) -> None:
        for served in self._all:
            await served.stop()


@asynccontextmanager
async def channel_to(address: str) -> AsyncIterator[grpc.aio.Channel]:
    options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        yield channel


@asynccontextmanager
async def raw_server(address: str, method: str, answer: Callable[..., Awaitable[Any]]) -> AsyncIterator[str]:
    """A server of the library alone, with one method of the tickets service. Refusals of its own have no mark of ours."""
    handler = grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=tickets_pb2.GetTicketRequest.FromString,
        response_serializer=tickets_pb2.GetTicketResponse.SerializeToString,
    )
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(TICKETS, {method: handler}),))
    server.add_insecure_port(address)
    await server.start()
    try:
        yield address
    finally:
        await server.stop(None)


@asynccontextmanager
async def pool_of(
    addresses: Sequence[str], token: str = "ours", suspect_s: float = SUSPECT_S
) -> AsyncIterator[Pool[Any]]:
    clients = RpcClients(token, CollectorRegistry())
    pool = Pool(addresses, tickets_pb2_grpc.TicketsServiceStub, clients, suspect_s=suspect_s)
    try:
        yield pool
    finally:
        await pool.close()


def get(site: str = "acme", ticket: str = "t") -> tickets_pb2.GetTicketRequest:
    return tickets_pb2.GetTicketRequest(site=site, ticket=ticket)


async def ask(pool: Pool[Any], request: tickets_pb2.GetTicketRequest | None = None, **options: Any) -> Any:
    return await pool.call(lambda stub: stub.GetTicket, request or get(), **options)


def services() -> list[ServiceDescriptor]:
    modules = (chat_pb2, presence_pb2, tickets_pb2)
    return [service for module in modules for service in module.DESCRIPTOR.services_by_name.values()]
