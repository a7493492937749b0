"""Letting in: a crowd waits in the system's queue, and whoever is in is served between any two of it."""

import asyncio
import socket

from kit.accepting import A_TURN, let_in
from tests.eventually import eventually

CROWD = 40


class Counting(asyncio.Protocol):
    """How many were let in."""

    def __init__(self, let_in: list[asyncio.BaseTransport]) -> None:
        self._let_in = let_in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._let_in.append(transport)


async def test_a_crowd_is_let_in_a_few_in_a_turn() -> None:
    """However many wait: between two of them all else has its turn."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=CROWD)
    waiting = [socket.create_connection(listening.getsockname()) for _ in range(CROWD)]
    inside: list[asyncio.BaseTransport] = []
    letting = asyncio.create_task(let_in(listening, lambda: Counting(inside)))
    most, before = 0, 0
    while len(inside) < CROWD:
        await asyncio.sleep(0)
        most, before = max(most, len(inside) - before), len(inside)
    letting.cancel()
    await asyncio.gather(letting, return_exceptions=True)
    assert most <= A_TURN
    for transport in inside:
        transport.close()
    for one in waiting:
        one.close()


async def test_one_who_left_the_queue_stops_nobody() -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    address = listening.getsockname()
    gone = socket.create_connection(address)
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    gone.close()  # with a reset
    stays = socket.create_connection(address)
    inside: list[asyncio.BaseTransport] = []
    letting = asyncio.create_task(let_in(listening, lambda: Counting(inside)))
    await eventually(lambda: any(one.get_extra_info("peername") == stays.getsockname() for one in inside))
    letting.cancel()
    await asyncio.gather(letting, return_exceptions=True)
    for transport in inside:
        transport.close()
    stays.close()
    assert listening.fileno() == -1, "nobody is let in any more"


async def test_who_gave_up_in_the_queue_is_not_served() -> None:
    """They asked before they left: their handshake would be done in vain, before those of others."""
    listening = socket.create_server(("127.0.0.1", 0))
    address = listening.getsockname()
    gone = socket.create_connection(address)
    gone.sendall(b"GET / HTTP/1.1\r\n\r\n")
    gone.close()
    stays = socket.create_connection(address)
    inside: list[asyncio.BaseTransport] = []
    letting = asyncio.create_task(let_in(listening, lambda: Counting(inside)))
    await eventually(lambda: len(inside) > 0)
    letting.cancel()
    await asyncio.gather(letting, return_exceptions=True)
    assert [one.get_extra_info("peername") for one in inside] == [stays.getsockname()]
    for transport in inside:
        transport.close()
    stays.close()
