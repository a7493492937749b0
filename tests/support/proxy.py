"""A TCP proxy whose link tests can cut, delay and heal."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

# Linger on, zero seconds: closing sends a reset and no farewell.
_NO_LINGER = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on `port` of 127.0.0.1 while entered, and forwards to (host, port)."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._there = asyncio.Event()
        self._back = asyncio.Event()
        self.heal()
        self._writers: set[asyncio.StreamWriter] = set()
        self._links: set[asyncio.Task[None]] = set()
        self.port = 0
        self.accepted = 0
        # Before each chunk, either way.
        self.delay_s = 0.0

    @classmethod
    def before(cls, url: str) -> Self:
        """A proxy to the server of this URL."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or 0)

    def through(self, url: str) -> str:
        """The URL with this proxy in the way."""
        parts = urlsplit(url)
        credentials, at, _ = parts.netloc.rpartition("@")
        return parts._replace(netloc=f"{credentials}{at}127.0.0.1:{self.port}").geturl()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.heal()
        await asyncio.sleep(0)  # a connection that was just taken begins
        while self._links:
            self.reset()
            await asyncio.wait(self._links, timeout=0.1)
        await self._server.wait_closed()

    def black_hole(self) -> None:
        """Stops all data without closing the connections; it arrives after `heal`, as with TCP on a cut cable."""
        self._there.clear()
        self._back.clear()

    def hold_answers(self) -> None:
        """What is sent arrives, what is answered does not; it comes after `heal`, unless the link was reset."""
        self._back.clear()

    def heal(self) -> None:
        self._there.set()
        self._back.set()

    def reset(self) -> None:
        """Ends every connection with a reset; new ones are taken."""
        for writer in self._writers:
            if not writer.is_closing():
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        link = asyncio.current_task()
        if link is not None:
            self._links.add(link)
            link.add_done_callback(self._links.discard)
        self._writers.add(writer)
        ends = {writer}
        with suppress(OSError):  # one end went, and so goes the other
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._writers.add(far_writer)
            ends.add(far_writer)
            pumps = [
                asyncio.create_task(self._pump(reader, far_writer, self._there)),
                asyncio.create_task(self._pump(far_reader, writer, self._back)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        self._writers -= ends
        for end in ends:
            end.close()
            with suppress(OSError):
                await end.wait_closed()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, passable: asyncio.Event) -> None:
        while chunk := await reader.read(65536):
            await asyncio.sleep(self.delay_s)
            await passable.wait()
            writer.write(chunk)
            await writer.drain()
