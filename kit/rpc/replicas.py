"""The current replicas of a service: names are resolved periodically, and each address has a channel.

An address is `host:port`. A host name may resolve to many replicas, as that of a headless Service does; calls follow a change within
RESOLVE_EVERY_S. While a name cannot be resolved, its last known replicas are used.
"""

import asyncio
import ipaddress
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

import grpc

from kit.config.tls_files import TlsFiles
from kit.runtime.http_server import split_address

StubT = TypeVar("StubT")

# A new replica and a renewed certificate are used within this time.
RESOLVE_EVERY_S = 5.0
# For running calls to a replica that left the list; longer than any call takes.
CLOSE_GRACE_S = 10.0

# Makes a channel to an address; the server's certificate must be for the name.
Connect = Callable[[str, str], grpc.aio.Channel]


class _Replica(NamedTuple, Generic[StubT]):
    name: str
    channel: grpc.aio.Channel
    stub: StubT


class Replicas(Generic[StubT]):
    """Channels and stubs by address. Construct inside the running loop."""

    def __init__(
        self,
        names: Sequence[str],
        stub: Callable[[grpc.aio.Channel], StubT],
        connect: Connect,
        tls: TlsFiles | None,
        resolve_every_s: float = RESOLVE_EVERY_S,
    ) -> None:
        self._resolve_every_s = resolve_every_s
        self._names = list(names)
        self._stub = stub
        self._connect = connect
        self._tls = tls
        self._stamp = tls.stamp() if tls else ()
        self._changes = tls is not None or any(_is_name(name) for name in names)
        self._replicas = {name: self._make(name, name) for name in self._names}
        self._stubs = _stubs(self._replicas)
        self._resolve_at = 0.0
        self._resolving: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    def stubs(self) -> Mapping[str, StubT]:
        """The last known stubs by address. Starts to resolve the names again when it is time."""
        if self._changes and time.monotonic() >= self._resolve_at and self._resolving is None:
            self._resolving = asyncio.create_task(self._resolve())
        return self._stubs

    def channels(self) -> list[grpc.aio.Channel]:
        return [replica.channel for replica in self._replicas.values()]

    async def resolved(self) -> None:
        """Waits for the end of a running resolution."""
        self.stubs()
        if self._resolving is not None:
            await asyncio.shield(self._resolving)

    async def close(self) -> None:
        """Closes the channels; running calls fail."""
        for task in [*self._retiring, *([self._resolving] if self._resolving else [])]:
            task.cancel()
        await asyncio.gather(*(channel.close() for channel in self.channels()))

    async def _resolve(self) -> None:
        try:
            found: dict[str, str] = {}
            for name in self._names:
                found.update(dict.fromkeys(await self._addresses(name), name))
            stamp = self._stamp_now()
            # Changed certificates: every channel is replaced.
            known = self._replicas if stamp == self._stamp else {}
            # All are made before one is closed: a failure here keeps the old ones.
            replicas = {address: known.get(address) or self._make(address, name) for address, name in found.items()}
            removed = [replica for address, replica in self._replicas.items() if replicas.get(address) is not replica]
            self._replicas, self._stubs, self._stamp = replicas, _stubs(replicas), stamp
            for replica in removed:
                self._retire(replica)
        finally:
            self._resolve_at = time.monotonic() + self._resolve_every_s
            self._resolving = None

    async def _addresses(self, name: str) -> list[str]:
        if not _is_name(name):
            return [name]
        host, port = split_address(name)
        try:
            loop = asyncio.get_running_loop()
            answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            answers = []
        # One address family only: both would list each replica twice.
        families = {family for family, *_ in answers}
        family = socket.AF_INET if socket.AF_INET in families else socket.AF_INET6
        found = sorted({_address(address[0], port) for one, *_, address in answers if one == family})
        return found or [address for address, replica in self._replicas.items() if replica.name == name]

    def _stamp_now(self) -> tuple[int, ...]:
        with suppress(OSError):
            return self._tls.stamp() if self._tls else ()
        return self._stamp

    def _make(self, address: str, name: str) -> _Replica[StubT]:
        channel = self._connect(address, split_address(name)[0])
        return _Replica(name, channel, self._stub(channel))

    def _retire(self, replica: _Replica[StubT]) -> None:
        task = asyncio.create_task(replica.channel.close(CLOSE_GRACE_S))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)


def _stubs(replicas: Mapping[str, _Replica[StubT]]) -> Mapping[str, StubT]:
    return {address: replica.stub for address, replica in replicas.items()}


def _is_name(address: str) -> bool:
    try:
        ipaddress.ip_address(split_address(address)[0])
    except ValueError:
        return True
    return False


def _address(host: str | int, port: int) -> str:
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
