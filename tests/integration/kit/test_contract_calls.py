"""The channel of `palique-contracts` on a real server: token, deadline, and calls that are repeated."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
import pytest
from palique.chat.v1 import chat_pb2
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique_contracts.calls import PASSING, channel

Context = grpc.aio.ServicerContext[chat_pb2.FetchRequest, chat_pb2.FetchResponse]
FETCH = chat_pb2.FetchRequest(site="shop", conversation="c1")


class Service:
    """Fails with these codes in turn, then answers; keeps what each call carried."""

    def __init__(self, *codes: grpc.StatusCode) -> None:
        self._codes = list(codes)
        self.tokens: list[str] = []
        self.deadlines: list[float] = []

    async def fetch(self, request: chat_pb2.FetchRequest, context: Context) -> chat_pb2.FetchResponse:
        self.tokens.append(str(dict(context.invocation_metadata() or ())["authorization"]))
        self.deadlines.append(context.time_remaining() or 0)
        if self._codes:
            await context.abort(self._codes.pop(0), "Not now.")
        return chat_pb2.FetchResponse(more=request.site == "shop")


@asynccontextmanager
async def served(service: Service) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(
        service.fetch,
        request_deserializer=chat_pb2.FetchRequest.FromString,
        response_serializer=chat_pb2.FetchResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("palique.chat.v1.ChatService", {"Fetch": method})]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with channel(f"127.0.0.1:{port}", "secret", retry_s=0.01) as found:
        yield found
    await server.stop(None)


async def test_each_call_carries_the_token_and_a_deadline() -> None:
    service = Service()
    async with served(service) as found:
        assert (await ChatServiceStub(found).Fetch(FETCH)).more
        assert (await ChatServiceStub(found).Fetch(FETCH, timeout=3)).more
    assert service.tokens == ["Bearer secret"] * 2
    given, own = service.deadlines
    assert 0 < own < 5 < given < 11


async def test_a_call_is_repeated_while_the_service_does_not_answer() -> None:
    service = Service(*PASSING)
    async with served(service) as found:
        assert (await ChatServiceStub(found).Fetch(FETCH)).more
    assert len(service.tokens) == len(PASSING) + 1


async def test_a_refusal_is_final() -> None:
    service = Service(grpc.StatusCode.NOT_FOUND)
    async with served(service) as found:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ChatServiceStub(found).Fetch(FETCH)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert len(service.tokens) == 1
