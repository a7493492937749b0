"""Peers that send slowly or not at all: each connection ends at its deadline, and none keeps others out."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from kit.runtime.connection_bounds import ConnectionBounds
from kit.runtime.http_protocol import Deadlines
from kit.runtime.ops import serve_ops
from services.gateway.connection.transport import EXTENSION
from tests.integration.gateway.sockets.bare_server import bare_server
from tests.integration.gateway.sockets.test_peer_faults import faults, handshake
from tests.integration.gateway.sockets.test_transport import IgnoringReceiver
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import eventually

SHORT = Deadlines(head_s=0.15, request_s=0.3, idle_s=0.15)
# None of these passes within a test.
LONG = Deadlines(60, 60, 60)
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n"
ENORMOUS = b"GET /enormous HTTP/1.1\r\nHost: h\r\n\r\n"

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once, reads the body at `/read`, and keeps websockets open."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).accept()
        scope["extensions"][EXTENSION].attach(IgnoringReceiver())
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    if scope["path"] == "/read":
        while (message := await receive()).get("more_body"):
            pass
        if message["type"] == "http.disconnect":
            return
    await PlainTextResponse("x" * 20_000_000 if scope["path"] == "/enormous" else "hello")(scope, receive, send)


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[Peer]:
    host, _, port = address.partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()


async def ended(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server ends the connection."""
    found = bytearray()
    async with asyncio.timeout(20):
        with suppress(ConnectionError):
            while data := await reader.read(100_000):
                found += data
    return bytes(found)


async def trickle(writer: asyncio.StreamWriter, byte: bytes) -> None:
    """Well within each deadline of silence."""
    with suppress(ConnectionError):
        while not writer.is_closing():
            writer.write(byte)
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    "sent",
    [b"", b"G", GET[:-2], handshake().encode()[:-4], POST.replace(b"/ ", b"/read ") + b"{", GET + b"G", GET],
    ids=["nothing", "one byte", "half a head", "half a handshake", "half a body", "half a second head", "one request"],
)
@pytest.mark.parametrize("goes_on", [False, True], ids=["silent", "trickling"])
async def test_a_connection_ends_at_its_deadline(tmp_path: Path, sent: bytes, goes_on: bool) -> None:
    """However many bytes come one by one: the deadline is that of the whole."""
    byte = b"" if sent in (b"", GET) else b"a"
    async with bare_server(tmp_path, app, deadlines=SHORT) as address, connected(address) as (reader, writer):
        writer.write(sent)
        trickling = asyncio.create_task(trickle(writer, byte if goes_on else b""))
        answer = await ended(reader)
        trickling.cancel()
    assert answer.startswith(b"HTTP/1.1 200") == sent.startswith(GET)


async def test_a_trickling_body_that_the_application_does_not_read_ends(tmp_path: Path) -> None:
    """The response is out; each further byte would postpone uvicorn's own time-out."""
    async with bare_server(tmp_path, app, deadlines=SHORT) as address, connected(address) as (reader, writer):
        writer.write(POST)
        trickling = asyncio.create_task(trickle(writer, b"a"))
        assert b"hello" in await ended(reader)
        trickling.cancel()


async def test_a_response_that_is_not_read_ends(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    async with bare_server(tmp_path, app, deadlines=SHORT, registry=registry) as address:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port))) as peer:
            peer.sendall(ENORMOUS)
            await eventually(lambda: faults(registry)["late"] == 1)


async def test_an_open_websocket_and_the_next_request_in_time_outlive_the_deadlines(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    async with (
        bare_server(tmp_path, app, deadlines=SHORT, registry=registry) as address,
        connected(address) as (reader, writer),
        connected(address) as (socket_reader, socket_writer),
        connected(address) as (late, _),
    ):
        socket_writer.write(handshake().encode())
        assert (await socket_reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        for _ in range(6):
            writer.write(GET)
            assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.05)
        await ended(late)
        socket_writer.write(b"\x89\x80\0\0\0\0")
        assert await socket_reader.readexactly(2) == b"\x8a\x00"


async def test_half_heads_and_kept_connections_give_way_to_new_ones(tmp_path: Path) -> None:
    """At the bound of all connections the longest idle ends; a request in progress and a websocket stay."""
    registry = CollectorRegistry()
    bounds = ConnectionBounds(4, 4)
    async with (
        bare_server(tmp_path, app, deadlines=LONG, bounds=bounds, registry=registry) as address,
        connected(address) as (socket_reader, socket_writer),
        connected(address) as (_, busy),
    ):
        socket_writer.write(handshake().encode())
        await socket_reader.readuntil(b"\r\n\r\n")
        busy.write(POST.replace(b"/ ", b"/read "))
        await eventually(lambda: len(bounds) == 2 and not bounds._idle, sentence="the request is served")  # noqa: SLF001
        peers = []
        for sent in (b"", b"G", handshake().encode()[:40], GET, b"", b"", b""):
            host, _, port = address.partition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(sent)
            peers.append((reader, writer))
            await eventually(lambda: len(bounds) <= 4)
            await asyncio.sleep(0.02)
        for reader, _ in peers[:3]:
            await ended(reader)
        async with connected(address) as (reader, writer):
            writer.write(GET)
            await reader.readuntil(b"hello")
        busy.write(b"x" * 1000)
        socket_writer.write(b"\x89\x80\0\0\0\0")
        assert await socket_reader.readexactly(2) == b"\x8a\x00"
        assert faults(registry)["crowded"] >= 3
        for _, writer in peers:
            writer.close()


async def test_the_operations_port_answers_beside_any_number_of_silent_peers(tmp_path: Path) -> None:
    """It has a bound and files of its own."""
    port, ending = claimed_ports(tmp_path / "ports.json").port("ops"), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(
            serve_ops(f"127.0.0.1:{port}", CollectorRegistry(), {}, stopping=asyncio.Event(), ended=ending)
        )
        await asyncio.sleep(0)
        silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
        for peer in silent[::2]:
            peer.sendall(b"G")
        async with connected(f"127.0.0.1:{port}") as (reader, writer):
            writer.write(b"GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            assert b"palique_peer_faults_total" in await ended(reader)
        for peer in silent:
            peer.close()
        ending.set()
