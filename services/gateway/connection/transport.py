"""One websocket as bytes: uvicorn's protocol with a direct way in and out, past ASGI's queue and tasks.

ASGI stays in charge of the handshake and of the end. Between them frames reach the taker in the protocol's own hook, and are
written synchronously while the peer reads; that is a quarter more throughput, a task less a socket, and one frame encoded once
serves all its readers. The taker must bound what it takes: nothing here pauses reading.
"""

import asyncio
import socket
from functools import partial
from typing import Any, NamedTuple, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from services.gateway.overload.loop_slices import LoopSlicer

EXTENSION = "palique.wire"
# A frame past our own limit still arrives, so that it is refused with our code; past this the library cuts it off.
MAX_MESSAGE_BYTES = 1024 * 1024
# Unacknowledged bytes for so long mean that the peer, or the way to it, is gone.
UNACKNOWLEDGED_MS = 30_000
# What the system holds for a peer that does not read; left to itself it takes up to four megabytes a socket.
KERNEL_BUFFER_BYTES = 64 * 1024
# Put together; past this the transport is to say whether the peer keeps up.
MAX_PUT_BYTES = 64 * 1024
# Calls of the system for sockets that are told the same, 10 µs each; what comes for them meanwhile goes with it.
WRITE_BATCH = 250
# Who leaves: 0.1 ms each, with what follows.
CLOSE_BATCH = 50
# For the peer's half of the closing handshake; browsers answer at once.
CLOSE_S = 2.0


class Receiver(Protocol):
    """Who reads a wire. Calls come from the event loop and must not wait."""

    def take(self, data: bytes) -> None: ...
    def take_binary(self) -> None: ...
    def take_sign_of_life(self) -> None: ...
    def writable(self) -> None: ...


class FlushQueues(NamedTuple):
    """What all wires of a process do in turns."""

    writes: LoopSlicer
    farewells: LoopSlicer


class Transport(WebSocketsSansIOProtocol):
    """A websocket whose application took it over with `attach`. uvicorn makes it, and hands it the rest."""

    taker: Receiver | None = None
    # Frames that go out together; a socket that idles has none.
    _put: list[bytes] | None = None
    _put_bytes = 0

    def __init__(self, waiting: FlushQueues, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._waiting = waiting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        found = transport.get_extra_info("socket")
        found.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn's never keeps the transport
        """The peer's farewell; ours has its turn. The system takes 15 µs for each, and ten thousand may say it at once."""
        self.disconnected = True
        self._waiting.farewells.add(self.transport.close)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is read or written from here on; what else follows has its turn."""
        self.disconnected = True
        self._waiting.farewells.add(partial(self._leave, exc))

    def _leave(self, exc: Exception | None) -> None:
        """Unties what holds itself in circles: the collector's full runs are rare on purpose, and crowds come and go."""
        super().connection_lost(exc)
        self.taker = None
        self.conn.parser.close()

    def shutdown(self) -> None:
        """The server ends."""
        if not self.disconnected:
            super().shutdown()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        cast(dict[str, Any], self.scope["extensions"])[EXTENSION] = self

    def attach(self, taker: Receiver) -> None:
        """From here on messages go to `taker`; one that came before stays in ASGI's queue, see `early`."""
        self.taker = taker
        while not self.queue.empty():
            message = self.queue.get_nowait()
            if message["type"] != "websocket.receive":
                self.queue.put_nowait(message)
                break
            text = message.get("text")
            if text is None:
                taker.take_binary()
            else:
                taker.take(text.encode())
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def forget_headers(self) -> None:
        """Nobody asks for the handshake's headers again; they are a tenth of what an idle socket takes."""
        self.scope["headers"] = []

    @property
    def can_write(self) -> bool:
        """False while the peer reads slower than we write."""
        return self.writable.is_set()

    @property
    def is_open(self) -> bool:
        """False also from the moment that the peer's farewell was read, though what it sent before is still being taken."""
        open_here = self.handshake_complete and not self.close_sent and not self.disconnected
        return open_here and self.conn.state is State.OPEN

    def write(self, frame: bytes) -> None:
        """Writes a frame made by `text_frame`, at once; nothing once the socket is closing."""
        if self._put is not None:
            self._put.append(frame)
            self._flush()
        elif self.is_open and not self.transport.is_closing():
            self.transport.write(frame)

    def put(self, frame: bytes) -> None:
        """Writes a frame when the wires before this one have been written, with all else that is put until then: one call of the system for it."""
        if self._put is None:
            self._put = [frame]
            self._put_bytes = len(frame)
            self._waiting.writes.add(self._flush)
            return
        self._put.append(frame)
        self._put_bytes += len(frame)
        if self._put_bytes > MAX_PUT_BYTES:
            self._flush()

    def _flush(self) -> None:
        put, self._put = self._put, None
        if put is not None and self.is_open and not self.transport.is_closing():
            self.transport.write(put[0] if len(put) == 1 else b"".join(put))

    def probe(self) -> None:
        """A ping; the pong is a sign of life."""
        if self.is_open:
            self.conn.send_ping(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))

    def shut(self, code: int, reason: str) -> None:
        """Starts the closing handshake and does not wait for a peer that has stopped reading."""
        self._flush()
        if not self.is_open:
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(CLOSE_S, self.transport.abort)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def abort(self) -> None:
        """Drops the connection with all that waits in it."""
        self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        if self.taker is None:
            super().send_receive_event_to_app()
            return
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.curr_msg_data_type == "text":
            self.taker.take(bytes(data))
        else:
            self.taker.take_binary()

    def handle_pong(self, event: Frame) -> None:
        super().handle_pong(event)
        if self.taker is not None:
            self.taker.take_sign_of_life()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.taker is not None:
            self.taker.writable()


def text_frame(payload: bytes) -> bytes:
    """A server's unmasked text frame around the payload; the same bytes serve every socket."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
