"""One websocket as bytes: uvicorn's protocol with a direct path to and from the connection, past ASGI's queue and tasks.

ASGI handles the handshake and the end. Between them, frames reach the receiver in the protocol's own hook and are written
synchronously while the client reads. Against plain ASGI this has a quarter more throughput, one task less per connection, and
a frame that is encoded once for all readers.

Every byte and every frame of any opcode is counted here, before or right after the library parses it. Bytes are parsed in slices of
SLICE_BYTES, a few slices of all connections in one loop iteration; reading is paused meanwhile. A connection above its allowance, or with
a message of too many fragments, is closed with 4429 (too fast); what it still sends is dropped unread, and then the connection.
"""

import asyncio
import socket
from functools import partial
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request
from websockets.protocol import State

from kit.runtime.connection_bounds import Slot
from kit.runtime.peer_faults import PeerFault, PeerFaults
from services.gateway.connection.token_bucket import TokenBucket
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
# Bytes parsed at once: some 340 of the smallest frames, 10 µs each. More waits for the next slices of the loop.
SLICE_BYTES = 2048
# Slices parsed per loop iteration, of all connections together.
PARSE_BATCH = 8
# Fragments of a message. Browsers send what fits a frame of ours in one.
MAX_FRAGMENTS = 64
# Bytes dropped after the close frame, so that the client reads its code; then the connection is aborted.
MAX_DROPPED_BYTES = 1024 * 1024
# To a head that is HTTP, but no websocket handshake.
BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class InputLimits(NamedTuple):
    """What one connection may send, a second and at once. Far above ConnectionProtocol's limits, which refuse single frames.

    A page that wakes up sends some dozens of frames; a message above the bound of a frame has up to 1 MiB.
    """

    frame_rate: float = 200.0
    frame_burst: float = 1000.0
    byte_rate: float = 512 * 1024.0
    byte_burst: float = 4 * 1024 * 1024.0


INPUT_LIMITS = InputLimits()


class Receiver(Protocol):
    """Receives the frames of a transport. Calls come from the event loop and must not block."""

    def receive(self, data: bytes, /) -> None: ...
    def receive_binary(self) -> None: ...
    def receive_pong(self) -> None: ...
    def resume_writing(self) -> None: ...
    def receive_flood(self, wait_ms: int, /) -> None:
        """The peer sent more than it may: close the connection."""

    def fail(self, error: Exception, /) -> None:
        """Handling what the peer sent raised an exception: close the connection."""


class FlushQueues(NamedTuple):
    """Work of all transports of a process, done in slices so that it does not block the event loop."""

    writes: LoopSlicer
    closes: LoopSlicer
    parses: LoopSlicer


class Transport(WebSocketsSansIOProtocol):
    """A websocket. uvicorn creates it; the endpoint takes it over with `attach`."""

    receiver: Receiver | None = None
    # Frames for the next write; an idle connection has no list.
    _batch: list[bytes] | None = None
    _batch_bytes = 0
    # Messages before `attach`.
    _early: list[tuple[str, bytes]] | None = None
    # Received bytes that wait to be parsed.
    _unparsed: bytearray | None = None
    _is_flooded = False
    _dropped_bytes = 0

    def __init__(
        self, queues: FlushQueues, limits: InputLimits, faults: PeerFaults, *, slot: Slot, **of_uvicorn: Any
    ) -> None:
        super().__init__(**of_uvicorn)
        self.close_timeout = CLOSE_S
        self._slot = slot
        self._queues = queues
        self._faults = faults
        self._frames_allowed = TokenBucket(limits.frame_rate, limits.frame_burst)
        self._bytes_allowed = TokenBucket(limits.byte_rate, limits.byte_burst)

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
        if not self.handshake_complete:
            self._faults.count(PeerFault.LEFT)
        self._slot.release()
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
        if self.response.status_code == HTTPStatus.SWITCHING_PROTOCOLS:
            cast(dict[str, object], self.scope["extensions"])[EXTENSION] = self
        else:
            self._faults.count(PeerFault.BAD_HANDSHAKE)

    async def send(self, message: Any) -> None:
        """As uvicorn's, which logs an error after a refused handshake whose connection is not lost yet."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            self.handshake_complete = True

    def attach(self, receiver: Receiver, slot: Slot | None = None) -> None:
        """From here on messages go to `receiver`, first those that arrived before. `slot` replaces that of the HTTP connection."""
        self.receiver = receiver
        if slot is not None:
            self._slot.release()
            self._slot = slot
        early, self._early = self._early or [], None
        try:
            for kind, data in early:
                self._deliver(kind, data)
        except Exception as error:  # noqa: BLE001 - as in data_received
            receiver.fail(error)
        if self.read_paused:
            self.read_paused = False
            if self._unparsed is None:
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
        """Counts the bytes, and parses them now or in slices. Nothing that a peer sends raises beyond this."""
        if self._is_flooded:
            self._drop(len(data))
            return
        wait_ms = self._bytes_allowed.take(self._now_ms(), len(data))
        if wait_ms:
            self._flood(wait_ms)
        elif self._unparsed is not None:
            self._unparsed += data
        elif len(data) <= SLICE_BYTES:
            self._parse(data)
        else:
            self._unparsed = bytearray(data)
            self.transport.pause_reading()
            self._queues.parses.add(self._parse_slice)

    def _parse_slice(self) -> None:
        unparsed = self._unparsed
        if unparsed is None or self._is_flooded or self.transport.is_closing():
            self._unparsed = None
            return
        data = bytes(unparsed[:SLICE_BYTES])
        del unparsed[:SLICE_BYTES]
        self._parse(data)
        if unparsed:
            self._queues.parses.add(self._parse_slice)
            return
        self._unparsed = None
        if not self.read_paused and not self.transport.is_closing():
            self.transport.resume_reading()

    def _parse(self, data: bytes) -> None:
        # An exception would reach the event loop, which drops the connection with a traceback and without a close code.
        try:
            super().data_received(data)
        except Exception as error:  # noqa: BLE001 - the last net
            self._fail(error)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self._refuse_head()

    def _refuse_head(self) -> None:
        """The library takes fewer and shorter headers than HTTP does, and no body. It reports none of this to uvicorn."""
        self._faults.count(PeerFault.BAD_HANDSHAKE)
        self.transport.write(b"".join(self.conn.data_to_send()) or BAD_REQUEST)
        self.handshake_complete = True
        self.transport.close()

    def handle_parser_exception(self) -> None:
        self._faults.count(PeerFault.BAD_FRAME)
        super().handle_parser_exception()

    def handle_events(self) -> None:
        frames = sum(isinstance(event, Frame) for event in self.conn.events)
        wait_ms = self._frames_allowed.take(self._now_ms(), frames) if frames else 0
        if wait_ms:
            self.conn.events.clear()
            self.conn.data_to_send()  # the pongs
            self._flood(wait_ms)
        else:
            super().handle_events()

    def handle_cont(self, event: Frame) -> None:
        if len(self.frames) >= MAX_FRAGMENTS:
            self._flood(1000)
        if not self._is_flooded:
            super().handle_cont(event)

    def _flood(self, wait_ms: int) -> None:
        if self._is_flooded:
            return
        self._is_flooded = True
        self.frames = []
        self._unparsed = None
        if self.receiver is None:
            self.transport.abort()
            return
        self.receiver.receive_flood(wait_ms)
        # Reading goes on: unread bytes would reset the connection, and the client would not see the code.
        self.transport.resume_reading()

    def _drop(self, count: int) -> None:
        self._dropped_bytes += count
        if self._dropped_bytes > MAX_DROPPED_BYTES:
            self.transport.abort()

    def _now_ms(self) -> int:
        return int(self.loop.time() * 1000)

    def _fail(self, error: Exception) -> None:
        self._faults.count(PeerFault.INTERNAL)
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
        if self.receiver is None or self.close_sent or self._is_flooded:
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
