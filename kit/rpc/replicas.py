"""The replicas of a service as they are now: names are looked up again and again, and each address has a channel.

An address is `host:port`. A host that is a name may stand for many replicas, as that of a headless Service does; they come and go, and calls follow
within `LOOK_EVERY_S`. While a name cannot be looked up, the replicas known last stand.
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

# A new replica is used within this, and a renewed certificate shown.
LOOK_EVERY_S = 5.0
# A replica that went from the list may still answer what it was asked; longer than any call takes.
RETIRE_S = 10.0

# Makes a channel to an address; the name is what the server's certificate must say.
Connect = Callable[[str, str], grpc.aio.Channel]


class _Replica(NamedTuple, Generic[StubT]):
    name: str
    channel: grpc.aio.Channel
    stub: StubT


class Replicas(Generic[StubT]):
    """Construct inside the running loop."""

    def __init__(
        self,
        names: Sequence[str],
        stub: Callable[[grpc.aio.Channel], StubT],
        connect: Connect,
        tls: TlsFiles | None,
    ) -> None:
        self._names = list(names)
        self._stub = stub
        self._connect = connect
        self._tls = tls
        self._stamp = tls.stamp() if tls else ()
        self._changes = tls is not None or any(_is_name(name) for name in names)
        self._replicas = {name: self._made(name, name) for name in self._names}
        self._stubs = _stubs(self._replicas)
        self._look_again = 0.0
        self._looking: asyncio.Task[None] | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    def stubs(self) -> Mapping[str, StubT]:
        """By address, as last known; looks again when it is time, without waiting for it."""
        if self._changes and time.monotonic() >= self._look_again and self._looking is None:
            self._looking = asyncio.create_task(self._look())
        return self._stubs

    def channels(self) -> list[grpc.aio.Channel]:
        return [replica.channel for replica in self._replicas.values()]

    async def looked(self) -> None:
        """Returns when a look that is under way is over."""
        self.stubs()
        if self._looking is not None:
            await asyncio.shield(self._looking)

    async def close(self) -> None:
        """Ends the channels; calls in flight fail."""
        for task in [*self._retiring, *([self._looking] if self._looking else [])]:
            task.cancel()
        await asyncio.gather(*(channel.close() for channel in self.channels()))

    async def _look(self) -> None:
        try:
            found: dict[str, str] = {}
            for name in self._names:
                found.update(dict.fromkeys(await self._addresses(name), name))
            stamp = self._stamp_now()
            # Other certificates than at the last look: every channel anew.
            known = self._replicas if stamp == self._stamp else {}
            # All made before one goes: a failure here leaves those that were.
            replicas = {address: known.get(address) or self._made(address, name) for address, name in found.items()}
            gone = [replica for address, replica in self._replicas.items() if replicas.get(address) is not replica]
            self._replicas, self._stubs, self._stamp = replicas, _stubs(replicas), stamp
            for replica in gone:
                self._retire(replica)
        finally:
            self._look_again = time.monotonic() + LOOK_EVERY_S
            self._looking = None

    async def _addresses(self, name: str) -> list[str]:
        if not _is_name(name):
            return [name]
        host, port = split_address(name)
        try:
            loop = asyncio.get_running_loop()
            answers = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            answers = []
        # One family: both would be the same replicas twice.
        families = {family for family, *_ in answers}
        family = socket.AF_INET if socket.AF_INET in families else socket.AF_INET6
        found = sorted({_written(address[0], port) for one, *_, address in answers if one == family})
        return found or [address for address, replica in self._replicas.items() if replica.name == name]

    def _stamp_now(self) -> tuple[int, ...]:
        with suppress(OSError):
            return self._tls.stamp() if self._tls else ()
        return self._stamp

    def _made(self, address: str, name: str) -> _Replica[StubT]:
        channel = self._connect(address, split_address(name)[0])
        return _Replica(name, channel, self._stub(channel))

    def _retire(self, replica: _Replica[StubT]) -> None:
        task = asyncio.create_task(replica.channel.close(RETIRE_S))
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


def _written(host: str | int, port: int) -> str:
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
