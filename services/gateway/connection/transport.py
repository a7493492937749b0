"""One websocket as bytes: uvicorn's protocol with a direct path to and from the connection, past ASGI's queue and tasks.

ASGI handles the handshake and the end. Between them, frames reach the receiver in the protocol's own hook and are written
synchronously while the client reads. Against plain ASGI this has a quarter more throughput, one task less per connection, and
a frame that is encoded once for all readers. The receiver must bound what it accepts: nothing here pauses reading.
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

# Where the ASGI scope holds the Transport.
EXTENSION = "palique.transport"
# A frame above FRAME_LIMIT still arrives, so that it is refused with 4413 (frame too large). Above this the library closes.
MAX_MESSAGE_BYTES = 1024 * 1024
# TCP bytes unacknowledged for this long mean that the client or the network is gone.
UNACKNOWLEDGED_MS = 30_000
# The kernel's send buffer. Left to itself the kernel takes up to four megabytes for a client that does not read.
KERNEL_BUFFER_BYTES = 64 * 1024
# Batched frames of one connection. Above this they are written at once, which shows whether the client keeps up.
MAX_BATCHED_BYTES = 64 * 1024
# Connections written per loop iteration, 10 µs of system call each. Frames that arrive meanwhile join the batch.
WRITE_BATCH = 250
# Connections closed per loop iteration, 0.1 ms each with the clean-up.
CLOSE_BATCH = 50
# For the client's half of the closing handshake; browsers answer at once.
CLOSE_S = 2.0


class Receiver(Protocol):
    """Receives the frames of a transport. Calls come from the event loop and must not block."""

    def receive(self, data: bytes, /) -> None: ...
    def receive_binary(self) -> None: ...
    def receive_pong(self) -> None: ...
    def resume_writing(self) -> None: ...
    def fail(self, error: Exception, /) -> None:
        """Handling what the peer sent raised an exception: close the connection."""


class FlushQueues(NamedTuple):
    """Work of all transports of a process, done in slices so that it does not block the event loop."""

    writes: LoopSlicer
    closes: LoopSlicer


class Transport(WebSocketsSansIOProtocol):
    """A websocket. uvicorn creates it; the endpoint takes it over with `attach`."""

    receiver: Receiver | None = None
    # Frames for the next write; an idle connection has no list.
    _batch: list[bytes] | None = None
    _batch_bytes = 0
    # Messages before `attach`.
    _early: list[tuple[str, bytes]] | None = None

    def __init__(self, queues: FlushQueues, **of_uvicorn: Any) -> None:
        super().__init__(**of_uvicorn)
        self._queues = queues

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        tcp_socket = transport.get_extra_info("socket")
        tcp_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            tcp_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)

    def eof_received(self) -> bool:  # type: ignore[override] # uvicorn's never keeps the transport
        """The client closed its side. Closing ours takes 15 µs of system call, so many at once are closed in slices."""
        self.disconnected = True
        self._queues.closes.add(self.transport.close)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is read or written any more. The clean-up is done in slices."""
        self.disconnected = True
        self._queues.closes.add(partial(self._clean_up, exc))

    def _clean_up(self, exc: Exception | None) -> None:
        """Breaks reference cycles: full garbage collections are rare on purpose, and thousands of clients connect and leave."""
        super().connection_lost(exc)
        self.receiver = None
        self.conn.parser.close()

    def shutdown(self) -> None:
        """The server stops."""
        if not self.disconnected:
            super().shutdown()

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        cast(dict[str, Any], self.scope["extensions"])[EXTENSION] = self

    def attach(self, receiver: Receiver) -> None:
        """From here on messages go to `receiver`, first those that arrived before."""
        self.receiver = receiver
        early, self._early = self._early or [], None
        try:
            for kind, data in early:
                self._deliver(kind, data)
        except Exception as error:  # noqa: BLE001 - as in data_received
            receiver.fail(error)
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()

    def forget_headers(self) -> None:
        """Frees the headers of the handshake, a tenth of the memory of an idle connection."""
        self.scope["headers"] = []

    @property
    def can_write(self) -> bool:
        """False while the client reads slower than the gateway writes."""
        return self.writable.is_set()

    @property
    def is_open(self) -> bool:
        """False from the client's close frame on, though frames that it sent before are still received."""
        open_here = self.handshake_complete and not self.close_sent and not self.disconnected
        return open_here and self.conn.state is State.OPEN

    def write(self, frame: bytes) -> None:
        """Writes a frame of `text_frame` at once. Does nothing once the connection is closing."""
        if self._batch is not None:
            self._batch.append(frame)
            self._flush()
        elif self.is_open and not self.transport.is_closing():
            self.transport.write(frame)

    def write_batched(self, frame: bytes) -> None:
        """Writes a frame in this transport's next slice, in one system call with all frames batched until then."""
        if self._batch is None:
            self._batch = [frame]
            self._batch_bytes = len(frame)
            self._queues.writes.add(self._flush)
            return
        self._batch.append(frame)
        self._batch_bytes += len(frame)
        if self._batch_bytes > MAX_BATCHED_BYTES:
            self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, None
        if batch is not None and self.is_open and not self.transport.is_closing():
            self.transport.write(batch[0] if len(batch) == 1 else b"".join(batch))

    def ping(self) -> None:
        """Sends a websocket ping; the pong shows that the client is alive."""
        if self.is_open:
            self.conn.send_ping(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))

    def close(self, code: int, reason: str) -> None:
        """Starts the closing handshake; aborts when the client does not answer it in time."""
        self._flush()
        if not self.is_open:
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(CLOSE_S, self.transport.abort)
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})

    def abort(self) -> None:
        """Drops the connection and the bytes that wait in it."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Nothing that a peer sends raises beyond this: the loop would drop the connection with a traceback and without a close code."""
        try:
            super().data_received(data)
        except Exception as error:  # noqa: BLE001 - the last net
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if self.receiver is not None:
            self.receiver.fail(error)
        else:
            self.transport.abort()

    def send_receive_event_to_app(self) -> None:
        data = self.frames[0] if len(self.frames) == 1 else b"".join(self.frames)
        self.frames = []
        if self.close_sent:
            return
        if self.receiver is not None:
            self._deliver(self.curr_msg_data_type, data)
            return
        # uvicorn would decode the text here, and log a traceback when it is not UTF-8.
        if self._early is None:
            self._early = []
        self._early.append((self.curr_msg_data_type, data))
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def _deliver(self, kind: str, data: bytes) -> None:
        if self.receiver is None or self.close_sent:
            return
        if kind == "text":
            self.receiver.receive(bytes(data))
        else:
            self.receiver.receive_binary()

    def handle_pong(self, event: Frame) -> None:
        super().handle_pong(event)
        if self.receiver is not None:
            self.receiver.receive_pong()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.receiver is not None:
            self.receiver.resume_writing()


def text_frame(payload: bytes) -> bytes:
    """The payload as a websocket text frame of a server, which is not masked: all connections can share the bytes."""
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
