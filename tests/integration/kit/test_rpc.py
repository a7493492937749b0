"""gRPC servers and clients as the services use them, over real sockets."""

import asyncio
from typing import Any, cast

import grpc
import pytest
from palique.chat.v1 import chat_pb2
from palique.presence.v1 import presence_pb2
from palique.tickets.v1 import tickets_pb2, tickets_pb2_grpc

from kit.codes import Code, Refused
from kit.rpc.errors import STATUS
from tests.integration.kit.rpc_servers import TICKETS, Served, Servers, ask, channel_to, get, pool_of, says
from tests.support.eventually import eventually


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
