"""gRPC servers and clients as the services use them, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import grpc
import pytest
import structlog
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from palique.chat.v1 import chat_pb2, chat_pb2_grpc
from palique.presence.v1 import presence_pb2, presence_pb2_grpc
from palique.tickets.v1 import tickets_pb2, tickets_pb2_grpc
from prometheus_client import CollectorRegistry

from devstack.ports import Ports
from kit.codes import Code, Refused
from kit.config.loader import BadSetting
from kit.ids import new_id
from kit.rpc.client import SUSPECT_S, Pool, RpcClients
from kit.rpc.errors import STATUS
from kit.rpc.server import DEFAULT_DEADLINE_S, AuthInterceptor, RpcServer, Tokens, current_caller
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

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

    async def GetTicket(self, request: tickets_pb2.GetTicketRequest, _: Any) -> tickets_pb2.GetTicketResponse:  # noqa: N802
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


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Servers]:
    servers = Servers(tmp_path)
    yield servers
    await servers.stop()


@asynccontextmanager
async def channel_to(address: str) -> AsyncIterator[grpc.aio.Channel]:
    options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.use_local_subchannel_pool", 1)]
    async with grpc.aio.insecure_channel(address, options=options) as channel:
        yield channel


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


async def test_every_method_is_counted_before_its_first_call(servers: Servers) -> None:
    served = await servers.start()
    counted = {
        sample.labels["method"]
        for family in served.registry.collect()
        for sample in family.samples
        if sample.name == "palique_rpc_handled_seconds_count" and sample.value == 0
    }
    contracts = (tickets_pb2, chat_pb2, presence_pb2)
    assert counted == {
        name for pb in contracts for one in pb.DESCRIPTOR.services_by_name.values() for name in one.methods_by_name
    }


@pytest.mark.parametrize("code", list(Code))
async def test_the_client_gets_the_refusal_that_the_server_raised(servers: Servers, code: Code) -> None:
    async def refuse(_: tickets_pb2.GetTicketRequest) -> tickets_pb2.GetTicketResponse:
        raise Refused(code, "Nicht möglich: 100 %.", retry_ms=None if code == Code.CLOSED else 250)

    served = await servers.start(refuse)
    async with pool_of([served.address]) as pool:
        with pytest.raises(Refused) as refused:
            await ask(pool)
    got = refused.value
    assert (got.code, got.message) == (code, "Nicht möglich: 100 %.")
    assert got.retry_ms == (None if code == Code.CLOSED else 250)
    assert isinstance(got.__cause__, grpc.aio.AioRpcError)
    assert got.__cause__.code() is STATUS[code]
    await eventually(lambda: served.handled(str(code)) == 1)  # counted after the answer left


async def test_an_unexpected_error_shows_no_details_and_leaves_the_outcome_unknown(servers: Servers) -> None:
    async def fail(_: tickets_pb2.GetTicketRequest) -> tickets_pb2.GetTicketResponse:
        raise ValueError("the password is hunter2")

    served = await servers.start(fail)
    async with pool_of([served.address]) as pool:
        with pytest.raises(Refused) as refused:
            await ask(pool)
    assert refused.value.code == Code.RETRY
    assert "hunter2" not in f"{refused.value.message}{refused.value.__cause__}"
    await eventually(lambda: served.handled("internal") == 1)


async def test_malformed_bytes_are_refused_after_the_token_was_checked(servers: Servers, caplog: Any) -> None:
    served = await servers.start()
    async with channel_to(served.address) as channel:
        call: Any = channel.unary_unary(f"/{TICKETS}/GetTicket")
        for token, expected in (
            ("wrong", grpc.StatusCode.UNAUTHENTICATED),
            ("ours", grpc.StatusCode.INVALID_ARGUMENT),
        ):
            # A lone surrogate in UTF-8, a length past the end, a broken tag.
            for body in (b"\x0a\x03\xed\xa0\x80", b"\x0a\x7f", b"\xff\xff\xff"):
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await call(body, metadata=(("authorization", f"Bearer {token}"),), timeout=5)
                assert refused.value.code() is expected
    assert "Traceback" not in caplog.text


async def test_a_method_that_does_not_exist_is_unimplemented(servers: Servers) -> None:
    served = await servers.start()
    async with channel_to(served.address) as channel:
        call: Any = channel.unary_unary(f"/{TICKETS}/DropAll")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(b"", timeout=5)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_hanging_handler_ends_although_the_call_has_no_deadline(servers: Servers) -> None:
    async def hang(_: tickets_pb2.GetTicketRequest) -> tickets_pb2.GetTicketResponse:
        await asyncio.Event().wait()
        raise AssertionError

    served = await servers.start(hang, deadline_s=0.05)
    async with channel_to(served.address) as channel:
        stub: Any = tickets_pb2_grpc.TicketsServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.GetTicket(get(), metadata=(("authorization", "Bearer ours"),))
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert dict(refused.value.trailing_metadata() or ())["palique-code"] == "retry"


async def test_a_handler_ends_when_its_caller_cancels(servers: Servers) -> None:
    ended = asyncio.Event()

    async def hang(_: tickets_pb2.GetTicketRequest) -> tickets_pb2.GetTicketResponse:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    served = await servers.start(hang)
    async with pool_of([served.address]) as pool:
        with pytest.raises(Refused, match="retry"):
            await ask(pool, timeout_s=0.1)
        await asyncio.wait_for(ended.wait(), 5)
    await eventually(lambda: served.handled("cancelled") + served.handled("retry") == 1)
    assert served.handled("ok") == 0


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


async def test_a_stopping_server_completes_running_calls_and_refuses_new_ones(servers: Servers) -> None:
    """F7: a rolling restart."""
    started, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: tickets_pb2.GetTicketRequest) -> tickets_pb2.GetTicketResponse:
        started.set()
        await go_on.wait()
        return await says(request)

    served = await servers.start(slow)
    async with pool_of([served.address]) as pool:
        in_flight = asyncio.create_task(ask(pool))
        await started.wait()
        served.stopping.set()

        async def refuses() -> bool:
            with pytest.raises(Refused) as refused:
                await ask(pool, timeout_s=0.2)
            cause = cast(grpc.aio.AioRpcError, refused.value.__cause__)
            return cause.code() is grpc.StatusCode.UNAVAILABLE

        await eventually(refuses)
        assert not served.task.done()
        go_on.set()
        assert (await in_flight).ticket.subject == "gateway"
    await asyncio.wait_for(served.task, 5)


async def test_a_cancelled_server_frees_its_port(servers: Servers) -> None:
    served = await servers.start()
    served.task.cancel()
    await asyncio.wait((served.task,), timeout=5)
    assert served.task.cancelled()
    served.task = asyncio.create_task(asyncio.sleep(0))
    await servers.start(address=served.address)


async def test_an_address_in_use_is_an_error(servers: Servers) -> None:
    served = await servers.start()
    with pytest.raises(OSError, match="cannot listen"):
        await Served(served.address, says).task


async def test_a_pool_without_addresses_is_refused() -> None:
    with pytest.raises(ValueError, match="one address"):
        Pool([], tickets_pb2_grpc.TicketsServiceStub, RpcClients("ours", CollectorRegistry()))
