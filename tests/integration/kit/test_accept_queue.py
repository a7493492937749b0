"""Letting in: a crowd waits in the hall, and whoever is in is served between any two of it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest

from kit.runtime import accept_queue
from kit.runtime.accept_queue import ACCEPT_BATCH, AcceptQueue, serve
from tests.support.eventually import eventually

CROWD = 40
REQUEST = b"GET / HTTP/1.1\r\n\r\n"


class Inside:
    """Who was let in."""

    def __init__(self, listening: socket.socket) -> None:
        self.address = listening.getsockname()
        self.transports: list[asyncio.BaseTransport] = []

    def __len__(self) -> int:
        return len(self.transports)

    def __contains__(self, one: socket.socket) -> bool:
        return one.getsockname() in self.names

    @property
    def names(self) -> list[object]:
        return [one.get_extra_info("peername") for one in self.transports]

    def protocol(self) -> asyncio.Protocol:
        transports = self.transports

        class Counting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                transports.append(transport)

        return Counting()


@pytest.fixture
def listening() -> socket.socket:
    """Closed by the one who lets in."""
    return socket.create_server(("127.0.0.1", 0), backlog=CROWD)


@pytest.fixture
def small_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    """For one at a time, who asks soon."""
    monkeypatch.setattr(accept_queue, "MAX_PENDING", 1)
    monkeypatch.setattr(accept_queue, "SILENCE_S", 0.2)


@pytest.fixture
async def inside(listening: socket.socket) -> AsyncIterator[Inside]:
    inside = Inside(listening)
    letting = asyncio.create_task(serve(listening, AcceptQueue(), inside.protocol))
    yield inside
    letting.cancel()
    await asyncio.gather(letting, return_exceptions=True)
    for transport in inside.transports:
        transport.close()
    await asyncio.sleep(0)
    assert listening.fileno() == -1, "nobody is let in any more"


@pytest.fixture
def crowd(listening: socket.socket) -> Iterator[list[socket.socket]]:
    crowd = [_connect(listening.getsockname()) for _ in range(CROWD)]
    yield crowd
    for one in crowd:
        one.close()


def _connect(address: tuple[str, int], asks: bytes = REQUEST) -> socket.socket:
    one = socket.create_connection(address)
    one.sendall(asks)
    return one


async def test_a_crowd_is_let_in_a_few_in_a_turn(crowd: list[socket.socket], inside: Inside) -> None:
    """However many wait: between two of them all else has its turn."""
    most, before = 0, 0
    while len(inside) < CROWD:
        await asyncio.sleep(0)
        most, before = max(most, len(inside) - before), len(inside)
    assert most <= ACCEPT_BATCH


async def test_the_newest_is_let_in_first(crowd: list[socket.socket], inside: Inside) -> None:
    """The oldest is the nearest to giving up: to serve it would be in vain, again and again."""
    await eventually(lambda: len(inside) == CROWD)
    assert inside.names == [one.getsockname() for one in reversed(crowd)]


async def test_who_asks_nothing_yet_is_let_in_when_they_do(inside: Inside) -> None:
    """A crowd that connected first and asks all at once would be served in one turn."""
    with _connect(inside.address, b"") as silent, _connect(inside.address) as asks:
        await eventually(lambda: asks in inside)
        assert silent not in inside
        silent.sendall(REQUEST)
        await eventually(lambda: silent in inside)


async def test_who_asks_nothing_for_long_is_sent_away(small_hall: None, inside: Inside) -> None:
    loop = asyncio.get_running_loop()
    with _connect(inside.address, b"") as silent:
        silent.setblocking(False)
        assert await asyncio.wait_for(loop.sock_recv(silent, 1), 10) == b""
    assert len(inside) == 0


async def test_who_finds_the_hall_full_waits_until_somebody_has_left_it(small_hall: None, inside: Inside) -> None:
    with _connect(inside.address, b"") as silent, _connect(inside.address) as asks:
        silent.setblocking(False)
        await eventually(lambda: asks in inside)
        assert silent.recv(1) == b"", "the other was let in before this one was sent away"


async def test_one_who_left_the_queue_stops_nobody(inside: Inside) -> None:
    gone = _connect(inside.address)
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    gone.close()  # with a reset
    with _connect(inside.address) as stays:
        await eventually(lambda: stays in inside)


async def test_who_gave_up_while_waiting_is_not_served(inside: Inside) -> None:
    """They asked before they left: their handshake would be done in vain, before those of others."""
    gone = _connect(inside.address)
    gone.close()
    with _connect(inside.address) as stays:
        await eventually(lambda: len(inside) > 0)
        assert inside.names == [stays.getsockname()]
