"""What peers do wrong on the public port, in any order and at any moment, is counted and writes no log line."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import anyio
import pytest
import structlog
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from services.gateway.accounts.origins import PublicOrigins
from services.gateway.http.problems import Guard, Handler
from services.gateway.http.request_body import read_json
from services.gateway.http.visitor_sessions import VisitorSession
from tests.integration.gateway.sockets.bare_server import bare_server
from tests.support.eventually import eventually

GET = "GET /slow HTTP/1.1\r\nHost: h\r\n\r\n"
POST = "POST /post HTTP/1.1\r\nHost: h\r\n"


def handshake(*, path: str = "/ws", headers: str = "", key: str = "dGhlIHNhbXBsZSBub25jZQ==") -> str:
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    return f"GET {path} HTTP/1.1\r\nHost: h\r\n{upgrade}Sec-WebSocket-Key: {key}\r\n{headers}\r\n"


# It loads modules at its first use, within a request and a deep stack, in which pytest fails to compile them.
OPEN_FILE = anyio.open_file

# What the metric counts at least once when the peer waits for the answer, and what the peer sends.
SENT: dict[str, tuple[str | None, bytes]] = {
    name: (fault, text.encode("latin-1"))
    for name, (fault, text) in {
        "a request": (None, GET),
        "three requests in one": (None, GET * 3),
        "a file": (None, "GET /file HTTP/1.1\r\nHost: h\r\n\r\n"),
        "a file by ranges": (None, "GET /file HTTP/1.1\r\nHost: h\r\nRange: bytes=9-1,,\r\n\r\n"),
        "an unsupported upgrade": (None, GET[:-2] + "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n"),
        "bytes of TLS": ("bad_request", "\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + "a" * 50),
        "NULs": ("bad_request", "\0\0\0\0\r\n\r\n"),
        "bad UTF-8 in the path": ("bad_request", "GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n"),
        "bad UTF-8 in headers": (None, GET[:-2] + "X-Forwarded-For: \xff\r\nCookie: \xff=\xfe\r\nRange: \xff\r\n\r\n"),
        "an encoded NUL in the path": (None, "GET /%00%ff%d8 HTTP/1.1\r\nHost: h\r\n\r\n"),
        "a head without an end": ("bad_request", "GET / HTTP/1.1\r\nx: " + "a" * 70_000),
        "two hosts": ("bad_request", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        "an enormous length": ("bad_request", POST + "Content-Length: 99999999999999999999999\r\n\r\n"),
        "half a body": (None, POST + "Content-Length: 100\r\n\r\n{"),
        "a bad chunk": ("bad_request", POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "a handshake": (None, handshake()),
        "a handshake that is refused": (None, handshake(path="/refused")),
        "a handshake with a bad key": ("bad_handshake", handshake(key="x")),
        "a handshake with a body": ("bad_handshake", handshake(headers="Content-Length: 5\r\n") + "hello"),
        "a handshake with 200 headers": (
            "bad_handshake",
            handshake(headers="".join(f"x{number}: 1\r\n" for number in range(200))),
        ),
        "a handshake with a long header": ("bad_handshake", handshake(headers=f"x: {'a' * 9000}\r\n")),
        "a handshake with a control character": ("bad_handshake", handshake(headers="x: a\x01b\r\n")),
    }.items()
}
LATER = {
    "an unmasked frame": b"\x81\x01a",
    "a reserved opcode": b"\x83\x80\0\0\0\0",
    "a long ping": b"\x89\xfe\x01\x00\0\0\0\0" + bytes(256),
}


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def faults(registry: CollectorRegistry) -> dict[str, float]:
    (metric,) = [one for one in registry.collect() if one.name == "palique_peer_faults"]
    return {one.labels["fault"]: one.value for one in metric.samples if one.name.endswith("_total")}


async def slow(_: Request) -> Response:
    await asyncio.sleep(0.01)
    return JSONResponse({"text": "x" * 200_000})


async def post(request: Request) -> Response:
    await read_json(request, VisitorSession)
    return Response()


async def unread(_: Request) -> Response:
    return Response()


async def file(_: Request) -> Response:
    return FileResponse(__file__)


async def websockets(scope: Scope, receive: Receive, send: Send) -> None:
    websocket = WebSocket(scope, receive, send)
    await asyncio.sleep(0)
    if scope["path"] == "/refused":
        await websocket.send_denial_response(JSONResponse({}, 403))
        return
    await websocket.accept()
    while (await receive())["type"] != "websocket.disconnect":
        pass


def application(registry: CollectorRegistry) -> ASGIApp:
    """Slow and large answers, bodies, files, and websockets that it accepts or refuses."""
    guard = Guard(structlog.stdlib.get_logger("guard"), registry, PublicOrigins())
    routes: dict[str, dict[str, Handler]] = {
        "/slow": {"GET": slow},
        "/post": {"POST": post},
        "/unread": {"POST": unread},
        "/file": {"GET": file},
    }
    http = Starlette(routes=[*(guard.route(path, handlers) for path, handlers in routes.items()), guard.api_fallback()])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (websockets if scope["type"] == "websocket" else http)(scope, receive, send)

    return app


@pytest.fixture
async def address(
    tmp_path: Path, registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[tuple[str, int]]:
    async with bare_server(tmp_path, application(registry), registry=registry) as found:
        host, _, port = found.partition(":")
        yield host, int(port)
        assert faults(registry)["internal"] == 0
    records = [*caplog.get_records("call"), *caplog.records]
    assert [record.getMessage() for record in records if record.levelno > logging.INFO] == []


async def meet(address: tuple[str, int], sent: bytes, *, steps: int = 0, reset: bool = False) -> None:
    """Sends the bytes and leaves after some steps of the loop."""
    client = socket.create_connection(address)
    client.setblocking(False)
    with client:
        await asyncio.get_running_loop().sock_sendall(client, sent)
        for _ in range(steps):
            await asyncio.sleep(0)
        if reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    await asyncio.sleep(0.005)


@pytest.mark.parametrize("name", SENT)
async def test_a_peer_may_send_this_and_leave_at_any_moment(
    address: tuple[str, int], registry: CollectorRegistry, name: str
) -> None:
    fault, whole = SENT[name]
    for sent in (whole, whole[: len(whole) * 2 // 3]):
        for reset in (False, True):
            for steps in (0, 2, 3, 4, 6, 9):
                with suppress(OSError):
                    await meet(address, sent, steps=steps, reset=reset)
    client = socket.create_connection(address)
    client.setblocking(False)
    with client:
        await asyncio.get_running_loop().sock_sendall(client, whole)
        await eventually(lambda: fault is None or faults(registry)[fault] > 0)


@pytest.mark.parametrize("name", LATER)
async def test_a_bad_frame_is_counted(address: tuple[str, int], registry: CollectorRegistry, name: str) -> None:
    reader, writer = await asyncio.open_connection(*address)
    writer.write(handshake().encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 101")
    writer.write(LATER[name])
    async with asyncio.timeout(10):
        await reader.read()
    writer.close()
    assert faults(registry)["bad_frame"] == 1


async def test_a_peer_that_leaves_within_a_request_is_counted(
    address: tuple[str, int], registry: CollectorRegistry
) -> None:
    for sent in (GET[:-2], POST + "Content-Length: 100\r\n\r\n{"):
        before = faults(registry)["left"]
        await meet(address, sent.encode(), steps=30)
        await eventually(lambda before=before: faults(registry)["left"] == before + 1)  # type: ignore[misc]


async def test_a_bad_chunk_after_the_answer_ends_the_connection(
    address: tuple[str, int], registry: CollectorRegistry
) -> None:
    """The answer is out, so no second one can follow: uvicorn would raise in the event loop."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(b"POST /unread HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.write(b"zz\r\n")
    async with asyncio.timeout(10):
        with suppress(ConnectionError):
            await reader.read()
    writer.close()
    assert faults(registry)["bad_request"] == 1


async def test_a_stop_ends_half_requests_without_a_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Also the request whose response its peer does not read."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async with bare_server(tmp_path, app, grace_s=0.05) as found:
        host, _, port = found.partition(":")
        client = socket.create_connection((host, int(port)))
        client.sendall((POST + "Content-Length: 100\r\n\r\n{").encode())
        await asyncio.sleep(0.05)
    client.close()
    assert caplog.records == []
