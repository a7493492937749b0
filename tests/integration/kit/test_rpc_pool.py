"""A pool of replicas: the choice of a replica, the move to the next one, and bounded waiting."""

import asyncio
from typing import Any

import grpc
import pytest
from palique.tickets.v1 import tickets_pb2, tickets_pb2_grpc
from prometheus_client import CollectorRegistry

from kit.codes import Code, Refused
from kit.rpc.client import Pool, RpcClients
from tests.integration.kit.rpc_servers import Servers, ask, pool_of, raw_server
from tests.support.eventually import eventually
from tests.support.proxy import Proxy


async def test_calls_of_one_key_go_to_one_replica_and_keys_spread(servers: Servers) -> None:
    addresses = [servers.address() for _ in range(3)]
    async with pool_of(addresses) as three, pool_of(addresses[:2]) as two:
        chosen = {f"k{n}": three.first(f"k{n}") for n in range(300)}
        assert all(three.first(key) == address for key, address in chosen.items())
        counts = [list(chosen.values()).count(address) for address in addresses]
        assert min(counts) > 50
        # A lost replica moves its own keys only.
        assert all(two.first(key) == address for key, address in chosen.items() if address != addresses[2])


async def test_a_call_moves_to_the_next_replica_and_back_after_a_restart(servers: Servers) -> None:
    one, other = await servers.start(), await servers.start()
    by_address = {one.address: one, other.address: other}
    async with pool_of(list(by_address)) as pool:
        await ask(pool, key="k")
        first = by_address[pool.first("k")]
        await first.stop()
        for _ in range(20):
            assert (await ask(pool, key="k", timeout_s=2)).ticket.subject == "gateway"
        back = await servers.start(address=first.address)

        async def is_used() -> bool:
            await ask(pool, key="k")
            return back.handled("ok") > 0

        await eventually(is_used)


async def test_calls_wait_while_the_last_replica_stops_and_another_one_is_not_back(servers: Servers) -> None:
    """A stopping replica is connected for a moment and cancels calls. Its pool goes on until the other one answers."""
    stopping = 5

    async def answer(_request: object, context: grpc.aio.ServicerContext[Any, Any]) -> tickets_pb2.GetTicketResponse:
        nonlocal stopping
        if stopping:
            stopping -= 1
            await context.abort(grpc.StatusCode.CANCELLED, "Server stops.")
        return tickets_pb2.GetTicketResponse(ticket=tickets_pb2.Ticket(subject="back"))

    async with (
        raw_server(servers.address(), "GetTicket", answer) as address,
        pool_of([servers.address(), address]) as pool,
    ):
        assert (await ask(pool)).ticket.subject == "back"


async def test_a_refusal_is_not_retried_on_another_replica(servers: Servers) -> None:
    asked: list[str] = []

    async def refuse(request: tickets_pb2.GetTicketRequest) -> tickets_pb2.GetTicketResponse:
        asked.append(request.ticket)
        raise Refused(Code.UNAVAILABLE, "The database is away.")

    one, other = await servers.start(refuse), await servers.start(refuse)
    async with pool_of([one.address, other.address]) as pool:
        with pytest.raises(Refused, match="unavailable"):
            await ask(pool)
    assert asked == ["t"]


async def test_without_any_replica_a_call_fails_soon_with_an_unknown_outcome(servers: Servers) -> None:
    async with pool_of([servers.address(), servers.address()]) as pool:
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(ask(pool, timeout_s=2), 5)
        assert refused.value.code == Code.RETRY
        assert refused.value.retry_ms
        assert not await pool.ready()


async def test_a_connected_replica_is_ready_however_late_the_probe_looks(servers: Servers) -> None:
    """A slow resolution of names uses up the time of the probe; it says nothing about the connection."""
    async with pool_of([(await servers.start()).address]) as pool:
        await ask(pool)
        assert await pool.ready(0.0)


async def test_a_replica_in_a_black_hole_delays_one_call_only(servers: Servers) -> None:
    """F6: half of the deadline is spent on it once; then the other replicas are asked first."""
    hidden, other = await servers.start(), await servers.start()
    host, port = hidden.address.split(":")
    async with Proxy(host, int(port)) as proxy, pool_of([f"127.0.0.1:{proxy.port}", other.address]) as pool:
        key = next(f"k{n}" for n in range(100) if pool.first(f"k{n}") != other.address)
        await ask(pool, key=key)
        await eventually(lambda: hidden.handled("ok") == 1)
        proxy.black_hole()
        # The other half must do for a first connection, also on a busy machine.
        assert (await ask(pool, key=key, timeout_s=4)).ticket.subject == "gateway"
        assert pool.first(key) == other.address
        for _ in range(20):
            await ask(pool, key=key, timeout_s=4)
        await eventually(lambda: other.handled("ok") == 21)


async def test_a_lone_replica_in_a_black_hole_is_bounded_by_the_deadline(servers: Servers) -> None:
    hidden = await servers.start()
    host, port = hidden.address.split(":")
    async with Proxy(host, int(port)) as proxy, pool_of([f"127.0.0.1:{proxy.port}"]) as pool:
        await ask(pool)
        proxy.black_hole()
        with pytest.raises(Refused) as refused:
            await asyncio.wait_for(ask(pool, timeout_s=0.2), 5)
        assert refused.value.code == Code.RETRY
        proxy.heal()
        await ask(pool)


async def test_a_suspect_replica_is_used_again_after_its_time(servers: Servers) -> None:
    hidden, other = await servers.start(), await servers.start()
    host, port = hidden.address.split(":")
    async with (
        Proxy(host, int(port)) as proxy,
        pool_of([f"127.0.0.1:{proxy.port}", other.address], suspect_s=0.0) as pool,
    ):
        key = next(f"k{n}" for n in range(100) if pool.first(f"k{n}") != other.address)
        await ask(pool, key=key)
        proxy.black_hole()
        await ask(pool, key=key, timeout_s=2)
        proxy.heal()
        before = hidden.handled("ok")
        await ask(pool, key=key)
        await eventually(lambda: hidden.handled("ok") > before)


async def test_a_pool_without_addresses_is_refused() -> None:
    with pytest.raises(ValueError, match="one address"):
        Pool([], tickets_pb2_grpc.TicketsServiceStub, RpcClients("ours", CollectorRegistry()))
