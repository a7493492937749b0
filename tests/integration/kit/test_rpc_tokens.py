"""Tokens of gRPC calls: every method refuses a call without a token for its site."""

from typing import Any, cast

import grpc
import pytest
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from palique.tickets.v1 import tickets_pb2

from kit.config.loader import BadSetting
from kit.rpc.auth import Tokens
from tests.integration.kit.rpc_servers import TICKETS, Servers, ask, channel_to, get, pool_of, services


@pytest.mark.parametrize(
    ("authorization", "site", "expected"),
    [
        (None, "acme", grpc.StatusCode.UNAUTHENTICATED),
        ("", "acme", grpc.StatusCode.UNAUTHENTICATED),
        ("Bearer ", "acme", grpc.StatusCode.UNAUTHENTICATED),
        ("Bearer wrong", "acme", grpc.StatusCode.UNAUTHENTICATED),
        ("partner", "acme", grpc.StatusCode.UNAUTHENTICATED),
        ("Bearer partner", "other", grpc.StatusCode.PERMISSION_DENIED),
        ("Bearer partner", "*", grpc.StatusCode.PERMISSION_DENIED),
        ("Bearer partner", "", grpc.StatusCode.PERMISSION_DENIED),
        ("Bearer ours", "", grpc.StatusCode.PERMISSION_DENIED),
    ],
)
async def test_every_method_refuses_a_call_without_a_token_for_the_site(
    servers: Servers, authorization: str | None, site: str, expected: grpc.StatusCode
) -> None:
    served = await servers.start()
    metadata = () if authorization is None else (("authorization", authorization),)
    async with channel_to(served.address) as channel:
        for service in services():
            for method in service.methods:
                request = GetMessageClass(method.input_type)(site=site)
                call: Any = channel.unary_unary(
                    f"/{service.full_name}/{method.name}",
                    request_serializer=lambda message: message.SerializeToString(),
                )
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await call(request, metadata=metadata, timeout=5)
                assert refused.value.code() is expected, method.full_name


async def test_a_token_of_the_site_and_one_of_all_sites_are_accepted(servers: Servers) -> None:
    served = await servers.start()
    async with pool_of([served.address], "partner") as partner, pool_of([served.address]) as ours:
        assert (await ask(partner)).ticket.subject == "crm"
        assert (await ask(ours, get("any"))).ticket == tickets_pb2.Ticket(site="any", subject="gateway")


@pytest.mark.parametrize("written", ["", "name", "name:scope", "name:*:", ":*:token", "name::token"])
def test_a_malformed_token_stops_the_start_and_is_not_shown(written: str) -> None:
    """An empty one would accept every caller."""
    with pytest.raises(BadSetting, match="item 2") as bad:
        Tokens(["a:*:secret", written])
    assert "secret" not in str(bad.value)


async def test_health_and_reflection_need_no_token(servers: Servers) -> None:
    served = await servers.start()
    async with channel_to(served.address) as channel:
        # The generated types are those of the synchronous library.
        health: Any = health_pb2_grpc.HealthStub(cast(Any, channel))
        reflection: Any = reflection_pb2_grpc.ServerReflectionStub(cast(Any, channel))
        for service in ("", TICKETS):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=service), timeout=5)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        stream = reflection.ServerReflectionInfo(iter([request]), timeout=5)
        names = [found.name async for answer in stream for found in answer.list_services_response.service]
        assert TICKETS in names
