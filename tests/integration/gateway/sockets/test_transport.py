"""The transport alone under the real server: frames are sent in the order of the calls, batched or not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from services.gateway.connection.transport import (
    CLOSE_S,
    EXTENSION,
    MAX_BATCHED_BYTES,
    MAX_FRAGMENTS,
    Transport,
    text_frame,
)
from tests.integration.gateway.sockets.bare_server import bare_server
from tests.support.eventually import eventually

Act = Callable[[Transport], None]


class IgnoringReceiver:
    """A receiver that ignores everything."""

    def receive(self, _: bytes, /) -> None: ...
    def receive_binary(self) -> None: ...
    def receive_pong(self) -> None: ...
    def resume_writing(self) -> None: ...
    def receive_flood(self, _: int, /) -> None: ...
    def fail(self, _: Exception, /) -> None: ...


class FailingReceiver(IgnoringReceiver):
    """A receiver that raises, and closes as a connection does."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def receive(self, _: bytes, /) -> None:
        raise RuntimeError("a fault")

    def fail(self, _: Exception, /) -> None:
        self._transport.close(1011, "fault")


@asynccontextmanager
async def served(folder: Path, act: Act) -> AsyncIterator[str]:
    """A server that calls `act` with each new transport. Yields its address."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        await websocket.accept()
        transport = scope["extensions"][EXTENSION]
        transport.attach(IgnoringReceiver())
        act(transport)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async with bare_server(folder, app) as address:
        yield address


async def received(folder: Path, act: Act) -> list[str | bytes]:
    """All messages that a client receives until the connection is closed."""
    found: list[str | bytes] = []
    async with served(folder, act) as address, connect(f"ws://{address}/", proxy=None) as socket:
        try:
            while True:
                found.append(await socket.recv())
        except ConnectionClosed:
            return found


def frame(text: str) -> bytes:
    return text_frame(text.encode())


async def test_batched_frames_are_sent_before_frames_written_later(tmp_path: Path) -> None:
    def act(transport: Transport) -> None:
        transport.write(frame("1"))
        transport.write_batched(frame("2"))
        transport.write_batched(frame("3"))
        transport.write(frame("4"))
        transport.write_batched(frame("5"))
        transport.close(4410, "")

    assert await received(tmp_path, act) == ["1", "2", "3", "4", "5"]


async def test_a_large_batch_arrives_whole(tmp_path: Path) -> None:
    """Above MAX_BATCHED_BYTES the batch is written at once."""
    texts = [f"{number} {'x' * 1000}" for number in range(4 * MAX_BATCHED_BYTES // 1000)]

    def act(transport: Transport) -> None:
        for text in texts:
            transport.write_batched(frame(text))
        transport.close(4410, "")

    assert await received(tmp_path, act) == texts


async def test_no_frame_is_sent_after_the_close_frame(tmp_path: Path) -> None:
    def act(transport: Transport) -> None:
        transport.write_batched(frame("before"))
        transport.close(4410, "")
        transport.write_batched(frame("after"))
        transport.write(frame("after"))

    assert await received(tmp_path, act) == ["before"]


async def test_a_half_closed_tcp_connection_is_closed(tmp_path: Path) -> None:
    """Without a closing handshake: the end of the TCP stream is enough."""
    async with served(tmp_path, lambda _: None) as address:
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            f"GET / HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert (await reader.readline()).startswith(b"HTTP/1.1 101")
        writer.write_eof()
        async with asyncio.timeout(10):
            await reader.read()
        writer.close()


@pytest.mark.parametrize("when", ["before attach", "after attach"])
async def test_an_exception_in_the_receiver_closes_with_its_code(tmp_path: Path, when: str) -> None:
    """Not with 1006 and a traceback of the event loop."""

    def act(transport: Transport) -> None:
        transport.receiver = None
        if when == "before attach":
            asyncio.get_running_loop().call_later(0.05, transport.attach, FailingReceiver(transport))
        else:
            transport.attach(FailingReceiver(transport))

    async with served(tmp_path, act) as address, connect(f"ws://{address}/", proxy=None) as socket:
        await socket.send("x")
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011


async def test_bad_utf_8_before_attach_writes_no_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Uvicorn would decode it, and log a traceback."""
    found: asyncio.Queue[bytes] = asyncio.Queue()

    class Keeping(IgnoringReceiver):
        def receive(self, data: bytes, /) -> None:
            found.put_nowait(data)

    def act(transport: Transport) -> None:
        transport.receiver = None
        asyncio.get_running_loop().call_later(0.05, transport.attach, Keeping())

    async with served(tmp_path, act) as address, connect(f"ws://{address}/", proxy=None) as socket:
        await socket.send(b"\xff\xfe", text=True)
        assert await asyncio.wait_for(found.get(), 5) == b"\xff\xfe"
    assert caplog.records == []


class ClosingReceiver(IgnoringReceiver):
    """A receiver that closes a flood as a connection does, and keeps what arrives."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.texts: list[bytes] = []

    def receive(self, data: bytes, /) -> None:
        self.texts.append(data)

    def receive_flood(self, wait_ms: int, /) -> None:
        self._transport.close(4429, f"come back in {wait_ms} ms")


PING, PONG, EMPTY, END = (
    Frame(*what).serialize(mask=True)
    for what in ((Opcode.PING, b""), (Opcode.PONG, b""), (Opcode.CONT, b"", False), (Opcode.CONT, b""))
)
START = Frame(Opcode.TEXT, b"", False).serialize(mask=True)
TWO_BYTES = Frame(Opcode.CONT, b"xx", False).serialize(mask=True)


@pytest.mark.parametrize(
    "flood",
    [PING * 20_000, PONG * 20_000, START + EMPTY * 20_000, START + TWO_BYTES * 100_000, (START + END) * 10_000],
    ids=["pings", "pongs", "empty continuations", "two-byte fragments", "empty messages"],
)
async def test_a_flood_of_any_frames_is_closed_with_4429_and_nothing_of_it_is_kept(
    tmp_path: Path, flood: bytes
) -> None:
    transports: list[Transport] = []

    def act(transport: Transport) -> None:
        transports.append(transport)
        transport.receiver = ClosingReceiver(transport)

    async with served(tmp_path, act) as address, connect(f"ws://{address}/", proxy=None) as socket:
        socket.transport.write(flood)
        with pytest.raises(ConnectionClosed) as closed:
            await asyncio.wait_for(socket.recv(), 10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4429
        assert "ms" in closed.value.rcvd.reason
        (transport,) = transports
        assert len(transport.frames) <= MAX_FRAGMENTS


async def test_a_flood_that_goes_on_after_the_close_is_aborted(tmp_path: Path) -> None:
    """Before the deadline of the closing handshake."""

    def act(transport: Transport) -> None:
        transport.receiver = ClosingReceiver(transport)

    async with served(tmp_path, act) as address, connect(f"ws://{address}/", proxy=None) as socket:
        started = time.monotonic()
        with suppress(ConnectionError):
            while True:
                socket.transport.write(PONG * 10_000)
                await asyncio.sleep(0)
                if socket.transport.is_closing():
                    break
        assert time.monotonic() - started < CLOSE_S


async def test_what_a_client_may_send_arrives_whole_and_in_order(tmp_path: Path) -> None:
    """Dozens of frames at once, the largest frame in fragments, and a message beyond a frame's bound."""
    receivers: list[ClosingReceiver] = []

    def act(transport: Transport) -> None:
        receivers.append(ClosingReceiver(transport))
        transport.receiver = receivers[0]

    texts = [str(number) + "x" * (number * 100) for number in range(100)] + ["y" * 1024 * 1024]
    async with served(tmp_path, act) as address, connect(f"ws://{address}/", proxy=None) as socket:
        for text in texts:
            await socket.send(
                [text[at : at + 1024] for at in range(0, min(len(text), 32_000), 1024)] if len(text) < 32_000 else text
            )
        await eventually(lambda: len(receivers[0].texts) == len(texts))
    assert receivers[0].texts == [text.encode() for text in texts]
