"""Refused handshakes: each has its HTTP status or its close code."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.integration.gateway.sockets.handshake import status
from tests.integration.gateway.sockets.running import Stack, running_stack
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

pytestmark = pytest.mark.slow


async def test_a_full_gateway_refuses_further_websockets_until_one_ends(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """Its files suffice for what it has, and its other ports answer."""
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, max_sockets=2) as demo:
        token, _ = await demo.gateway.new_visitor()
        async with demo.gateway.visitor(token):
            async with demo.gateway.visitor(token):
                assert await status(demo, "visitor") == (503, "overloaded")
            await eventually(lambda: len(demo.gateway.process._socket_bounds) == 1)  # noqa: SLF001
            async with demo.gateway.visitor(token) as third:
                await third.send("Hello")
        await eventually(lambda: len(demo.gateway.process._socket_bounds) == 0)  # noqa: SLF001


async def test_an_address_has_a_bound_of_sockets_and_takes_no_place_of_others(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    """IPv6 by /64; agents of an office have places of their own; a closed client reads when to come back."""

    def behind(address: str) -> JsonObject:
        return {"additional_headers": {"X-Forwarded-For": address}}

    async with (
        running_stack(
            mongodb_url, vhost_url, database_prefix, tmp_path, address_sockets=2, trusted_proxies=("127.0.0.0/8",)
        ) as demo,
        AsyncExitStack() as stack,
    ):
        gateway = demo.gateway
        token, _ = await gateway.new_visitor()
        first, _ = [
            await stack.enter_async_context(gateway.visitor(token, **behind(f"2001:db8::{number}")))
            for number in (1, 2)
        ]
        async with gateway.socket("visitor", **behind("2001:db8::3")) as third:
            assert await third.closed() == 4429
            assert "come back in 30000 ms" in str(third.socket.close_reason)
        async with gateway.visitor(token, **behind("2001:db8:0:1::1")) as other:
            await other.send("Hello")
        async with gateway.socket("agent", **behind("2001:db8::4")) as agent:
            await agent.send_frame("hello")
            assert await agent.closed() == 4401, "the agent was counted with the visitors"
        await first.leave()
        await eventually(lambda: gateway.process._socket_bounds.of("visitor 2001:db8::/64") == 1)  # noqa: SLF001
        async with gateway.visitor(token, **behind("2001:db8::5")) as next_one:
            await next_one.send("Hello")


@pytest.mark.parametrize("kind", ["visitor", "agent"])
@pytest.mark.parametrize("origin", ["null", None, "file://x"])
async def test_a_handshake_without_an_origin_is_refused(demo: Stack, kind: str, origin: str | None) -> None:
    """Requirement I-23."""
    assert await status(demo, kind, origin=origin) == (403, "origin_refused")


async def test_an_agent_connects_from_the_dashboard_only(demo: Stack) -> None:
    assert await status(demo, "agent", origin="https://evil.example") == (403, "origin_refused")


async def test_a_handshake_without_the_sub_protocol_is_refused(demo: Stack) -> None:
    assert await status(demo, "visitor", subprotocols=None) == (400, "invalid")
    async with demo.gateway.socket("visitor", subprotocols=["palique.v0"]) as old:
        assert await old.closed() == 4410
