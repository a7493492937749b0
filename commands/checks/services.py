"""The checks of the other services: they answer, and accept the token."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import grpc
from google.protobuf.message import Message
from palique.chat.v1.chat_pb2 import ListConversationsRequest
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1.presence_pb2 import ListVisitorsRequest
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from palique.tickets.v1.tickets_pb2 import ListTicketsRequest
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub

from commands.checks.dns import require_address
from commands.checks.failure import CheckFailed
from kit.codes import Code, Refused
from kit.rpc.client import Pool, RpcClients

# A site key contains no blank, so no site has this key: the call checks the token and reads no data.
NO_SITE = "no site"
CALL_S = 3.0

StubT = TypeVar("StubT")
RequestT = TypeVar("RequestT", bound=Message)
ResponseT = TypeVar("ResponseT", bound=Message)


async def check(service: str, address: str, clients: RpcClients) -> str:
    """Calls the service at this address."""
    await require_address(address, f"PALIQUE_{service.upper()}_ADDRESSES")
    return await _CHECKS[service](address, clients)


async def _chat(address: str, clients: RpcClients) -> str:
    pool = Pool((address,), ChatServiceStub, clients)
    return await _answered(pool, lambda stub: stub.ListConversations, ListConversationsRequest(site=NO_SITE, limit=1))


async def _presence(address: str, clients: RpcClients) -> str:
    pool = Pool((address,), PresenceServiceStub, clients)
    return await _answered(pool, lambda stub: stub.ListVisitors, ListVisitorsRequest(site=NO_SITE, limit=1))


async def _tickets(address: str, clients: RpcClients) -> str:
    pool = Pool((address,), TicketsServiceStub, clients)
    return await _answered(pool, lambda stub: stub.ListTickets, ListTicketsRequest(site=NO_SITE, limit=1))


async def _answered(
    pool: Pool[StubT],
    method: Callable[[StubT], grpc.aio.UnaryUnaryMultiCallable[RequestT, ResponseT]],
    request: RequestT,
) -> str:
    """Calls the service. Every other refusal proves that it is reachable, has its database and accepts the token."""
    try:
        await pool.call(method, request, timeout_s=CALL_S)
    except Refused as refused:
        if refused.code is Code.NOT_SIGNED_IN:
            raise CheckFailed(
                "the service does not know PALIQUE_RPC_TOKEN; add the token to its PALIQUE_RPC_TOKENS"
            ) from None
        if refused.code in (Code.RETRY, Code.UNAVAILABLE):
            raise CheckFailed(f"no answer: {refused.message}") from None
        if refused.code is Code.FORBIDDEN:
            raise CheckFailed(
                "PALIQUE_RPC_TOKEN is valid for one site only; Palique's own services need a token with scope *"
            ) from None
    finally:
        await pool.close()
    return "answers and accepts the token"


_CHECKS: Mapping[str, Callable[[str, RpcClients], Awaitable[str]]] = {
    "chat": _chat,
    "presence": _presence,
    "tickets": _tickets,
}
