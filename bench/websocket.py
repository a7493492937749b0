"""A cheap websocket client for load: it builds frames itself and needs no task or queue per socket.

The client must not limit the measurement. Masks are zero, which the protocol allows and which leaves the payload unchanged.
Fragmented and compressed messages are refused, because the gateway sends none.
"""

import asyncio
import base64
import os
from collections.abc import Callable
from typing import cast

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL = 0x80
MASKED = 0x80
ZERO_MASK = b"\0\0\0\0"
# The time limit of a handshake while the server accepts ten thousand of them.
HANDSHAKE_S = 60.0


class Refused(Exception):
    """The server rejected the handshake."""


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A client frame with this payload."""
    size = len(payload)
    head = bytes((FINAL | opcode,))
    if size < 126:
        return head + bytes((MASKED | size,)) + ZERO_MASK + payload
    if size < 65536:
        return head + bytes((MASKED | 126,)) + size.to_bytes(2, "big") + ZERO_MASK + payload
    return head + bytes((MASKED | 127,)) + size.to_bytes(8, "big") + ZERO_MASK + payload


class Socket(asyncio.Protocol):
    """One socket. `take` gets each text message and may be replaced at any time. `gone` is called once, at the end."""

    __slots__ = ("_rest", "_shaken", "code", "gone", "is_open", "take", "transport")

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.take = take
        self.gone: Callable[[], None] | None = None
        # The code of the server's close frame.
        self.code: int | None = None
        self.is_open = False
        self.transport: asyncio.Transport
        self._rest = b""
        self._shaken: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        self._rest = self._frames_of(data) if self.is_open else self._handshake_of(data)

    def connection_lost(self, _: Exception | None) -> None:
        self.is_open = False
        if self._shaken is not None and not self._shaken.done():
            self._shaken.set_exception(Refused("the connection ended"))
        if self.gone is not None:
            self.gone()

    def send(self, payload: bytes) -> None:
        """Sends a text message."""
        self.transport.write(frame(payload))

    def cut(self) -> None:
        """Drops the connection at once."""
        self.transport.abort()

    async def shake_hands(self, host: str, path: str, headers: str) -> None:
        """Checks the handshake response; raises Refused when the server rejected it."""
        self._shaken = asyncio.get_running_loop().create_future()
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n{headers}\r\n"
        )
        self.transport.write(request.encode())
        async with asyncio.timeout(HANDSHAKE_S):
            await self._shaken
        self._shaken = None

    def _handshake_of(self, data: bytes) -> bytes:
        end = data.find(b"\r\n\r\n")
        if end < 0:
            return data
        if self._shaken is None or not data.startswith(b"HTTP/1.1 101"):
            if self._shaken is not None and not self._shaken.done():
                self._shaken.set_exception(Refused(data[:200].decode(errors="replace")))
            return b""
        self.is_open = True
        if not self._shaken.done():
            self._shaken.set_result(None)
        return self._frames_of(data[end + 4 :])

    def _frames_of(self, data: bytes) -> bytes:
        """Passes complete frames to `take`; returns the rest of the data."""
        at, end = 0, len(data)
        while end - at >= 2:
            size, start = data[at + 1], at + 2
            if size == 126:
                size, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            if end < start + size:
                break
            if data[at] == FINAL | TEXT:
                self.take(data[start : start + size])
            else:
                self._control(data[at], data[start : start + size])
            at = start + size
        return data[at:]

    def _control(self, head: int, payload: bytes) -> None:
        if head == FINAL | PING:
            self.transport.write(frame(payload, PONG))
        elif head == FINAL | CLOSE:
            self.code = int.from_bytes(payload[:2], "big")
            self.transport.close()
        elif head != FINAL | PONG:
            raise ValueError(f"a frame that begins with {head:#x}")


async def connect(address: str, path: str, headers: str, take: Callable[[bytes], None]) -> Socket:
    """Connects to `host:port`; `headers` are whole lines. Raises Refused or OSError on failure."""
    host, _, port = address.partition(":")
    loop = asyncio.get_running_loop()
    _, socket = await loop.create_connection(lambda: Socket(take), host, int(port))
    try:
        await socket.shake_hands(address, path, headers)
    except BaseException:
        socket.cut()
        raise
    return socket
