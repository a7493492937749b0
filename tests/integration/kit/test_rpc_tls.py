"""Mutual TLS between services, with real certificates over real sockets."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
import trustme
from palique.tickets.v1 import tickets_pb2, tickets_pb2_grpc
from prometheus_client import CollectorRegistry

from kit.codes import Code, Refused
from kit.config.loader import BadSetting
from kit.config.tls_files import TlsFiles, tls_files
from kit.rpc.auth import AuthInterceptor, Tokens
from kit.rpc.client import Pool, RpcClients
from kit.rpc.replicas import RESOLVE_EVERY_S
from kit.rpc.server import RpcServer
from kit.runtime.http_server import split_address
from kit.runtime.ops import REQUIRED
from tests.support.certificates import NAME, write_certificate
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import eventually


class Answers(tickets_pb2_grpc.TicketsServiceServicer):
    async def GetTicket(self, request: tickets_pb2.GetTicketRequest, _: object) -> tickets_pb2.GetTicketResponse:  # noqa: N802
        return tickets_pb2.GetTicketResponse(ticket=tickets_pb2.Ticket(site=request.site))


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"127.0.0.1:{claimed_ports(tmp_path / 'ports.json').port('grpc')}"


@asynccontextmanager
async def serving(address: str, tls: TlsFiles) -> AsyncIterator[None]:
    stopping = asyncio.Event()
    gate = AuthInterceptor(
        Tokens(["gateway:*:ours"]), log=structlog.stdlib.get_logger("test"), registry=CollectorRegistry()
    )
    server = RpcServer(address, gate, tls)
    servicer: Any = Answers
    server.add(
        "palique.tickets.v1.TicketsService",
        lambda raw: tickets_pb2_grpc.add_TicketsServiceServicer_to_server(servicer(), raw),
    )
    task = asyncio.create_task(server.serve(stopping))
    yield
    stopping.set()
    await asyncio.wait_for(task, 10)


async def answered(pool: "Pool[Any]", timeout_s: float = 5.0) -> bool:
    request = tickets_pb2.GetTicketRequest(site="acme", ticket="t")
    try:
        await pool.call(lambda stub: stub.GetTicket, request, timeout_s=timeout_s)
    except Refused as refused:
        if refused.code is Code.RETRY:
            return False
        raise
    return True


@asynccontextmanager
async def calling(
    address: str, tls: TlsFiles | None, resolve_every_s: float = RESOLVE_EVERY_S
) -> AsyncIterator["Pool[Any]"]:
    clients = RpcClients("ours", CollectorRegistry(), tls)
    pool = Pool([address], tickets_pb2_grpc.TicketsServiceStub, clients, resolve_every_s=resolve_every_s)
    yield pool
    await pool.close()


async def test_a_peer_without_a_certificate_of_the_authority_gets_no_connection(address: str, tmp_path: Path) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    async with serving(address, write_certificate(tmp_path / "server", ours)):
        async with calling(address, write_certificate(tmp_path / "client", ours)) as good:
            assert await eventually(lambda: answered(good))
        stranger = write_certificate(tmp_path / "stranger", theirs, trusted=ours)
        for tls in (None, stranger):
            async with calling(address, tls) as bad:
                assert not await answered(bad, 1.0)
    async with serving(address, stranger), calling(address, write_certificate(tmp_path / "c", ours)) as careful:
        assert not await answered(careful, 1.0), "a server of another authority was trusted"


async def test_both_sides_use_a_renewed_certificate_without_a_restart(address: str, tmp_path: Path) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    server = write_certificate(tmp_path / "server", ours)
    client = write_certificate(tmp_path / "client", theirs, trusted=ours)

    def shown() -> bytes:
        """The server's certificate, as a new connection sees it."""
        context = ssl.create_default_context()
        ours.configure_trust(context)
        context.load_cert_chain(server.certificate, server.key)
        context.set_alpn_protocols(["h2"])
        with (
            socket.create_connection(split_address(address), 5) as raw,
            context.wrap_socket(raw, server_hostname="127.0.0.1") as wrapped,
        ):
            return wrapped.getpeercert(binary_form=True) or b""

    async with serving(address, server), calling(address, client, resolve_every_s=0.1) as pool:
        assert not await answered(pool, 1.0)
        write_certificate(tmp_path / "client", ours)
        assert await eventually(lambda: answered(pool, 1.0))
        before = await asyncio.to_thread(shown)
        write_certificate(tmp_path / "server", ours)

        async def other() -> bool:
            return await asyncio.to_thread(shown) != before

        await eventually(other)
        assert await answered(pool)


async def test_replicas_behind_a_name_are_resolved_used_and_removed(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a headless Service, whose name resolves to its pods; the certificate is for the name, not the address."""
    tls = write_certificate(tmp_path / "tls", trustme.CA())
    port = split_address(address)[1]
    hosts = ["127.0.0.1"]

    async def looked_up(host: str, *_: object, **__: object) -> list[object]:
        assert host == NAME
        return [(2, 1, 6, "", (one, port)) for one in hosts]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", looked_up)
    async with (
        serving(address, tls),
        serving(f"127.0.0.2:{port}", tls),
        calling(f"{NAME}:{port}", tls, resolve_every_s=0.1) as pool,
    ):
        assert await eventually(pool.ready)
        assert list(pool.addresses) == [address]
        hosts.append("127.0.0.2")
        await eventually(lambda: sorted(pool.addresses) == [address, f"127.0.0.2:{port}"])
        assert {pool.first(str(key)) for key in range(50)} == set(pool.addresses)
        hosts.remove("127.0.0.1")
        await eventually(lambda: list(pool.addresses) == [f"127.0.0.2:{port}"])
        assert await answered(pool)
        hosts.clear()  # without an answer of the name server the known replicas stay
        assert await answered(pool)
        assert list(pool.addresses) == [f"127.0.0.2:{port}"]


async def test_a_process_is_ready_once_it_accepts_calls(address: str) -> None:
    """A rolling upgrade must not send calls to a process that still creates its indexes."""
    gate = AuthInterceptor(
        Tokens(["gateway:*:ours"]), log=structlog.stdlib.get_logger("test"), registry=CollectorRegistry()
    )
    server = RpcServer(address, gate)
    assert not await server.is_serving()
    assert "serving" in REQUIRED
    stopping = asyncio.Event()
    task = asyncio.create_task(server.serve(stopping))
    await eventually(server.is_serving)
    stopping.set()
    await asyncio.wait_for(task, 10)
    assert not await server.is_serving()


def test_an_incomplete_tls_setting_is_named(tmp_path: Path) -> None:
    files = write_certificate(tmp_path / "tls", trustme.CA())
    assert tls_files("", "", "") is None
    with pytest.raises(BadSetting, match="PALIQUE_TLS_KEY is not set"):
        tls_files(str(files.certificate), "", str(files.authority))
    with pytest.raises(BadSetting, match="PALIQUE_TLS_AUTHORITY cannot be read"):
        tls_files(str(files.certificate), str(files.key), "/nowhere/ca.crt")
