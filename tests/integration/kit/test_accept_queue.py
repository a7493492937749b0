"""The accept queue: a flood of connections waits in it, and open connections are served between any two batches."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from prometheus_client import CollectorRegistry

from kit.runtime.accept_queue import ACCEPT_BATCH, AcceptQueue, Arrival, serve
from kit.runtime.connection_bounds import ConnectionBounds
from kit.runtime.peer_faults import PeerFaults
from tests.support.eventually import eventually

FLOOD = 40
REQUEST = b"GET / HTTP/1.1\r\n\r\n"


def queue(total: int = 1000, per_network: int = 1000, *, head_s: float = 10, exempt: str = "") -> AcceptQueue:
    def network_of(address: str) -> str | None:
        return None if address == exempt else address

    return AcceptQueue(
        ConnectionBounds(total, per_network), PeerFaults(CollectorRegistry()), network_of=network_of, head_s=head_s
    )


class Server:
    """The connections that got a protocol."""

    def __init__(self, listening: socket.socket) -> None:
        self.address = listening.getsockname()
        self.transports: list[asyncio.BaseTransport] = []

    def __len__(self) -> int:
        return len(self.transports)

    def __contains__(self, client: socket.socket) -> bool:
        return client.getsockname() in self.peers

    @property
    def peers(self) -> list[object]:
        return [transport.get_extra_info("peername") for transport in self.transports]

    def protocol(self, _: Arrival) -> asyncio.Protocol:
        transports = self.transports

        class Counting(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                transports.append(transport)

        return Counting()


@pytest.fixture
def listening() -> socket.socket:
    """Closed by `serve`."""
    return socket.create_server(("127.0.0.1", 0), backlog=FLOOD)


@asynccontextmanager
async def serving(listening: socket.socket, queue: AcceptQueue) -> AsyncIterator[Server]:
    server = Server(listening)
    task = asyncio.create_task(serve(listening, queue, server.protocol))
    try:
        yield server
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        for transport in server.transports:
            transport.close()
        await asyncio.sleep(0)
    assert listening.fileno() == -1, "the listening socket is still open"


@pytest.fixture
async def server(listening: socket.socket) -> AsyncIterator[Server]:
    async with serving(listening, queue()) as server:
        yield server


@pytest.fixture
async def small_server(listening: socket.socket) -> AsyncIterator[Server]:
    """With room for one connection, which must send soon."""
    async with serving(listening, queue(1, head_s=0.2)) as server:
        yield server


@pytest.fixture
def flood(listening: socket.socket) -> Iterator[list[socket.socket]]:
    flood = [_connect(listening.getsockname()) for _ in range(FLOOD)]
    yield flood
    for client in flood:
        client.close()


def _connect(address: tuple[str, int], request: bytes = REQUEST, source: str = "127.0.0.1") -> socket.socket:
    client = socket.create_connection(address, source_address=(source, 0))
    client.sendall(request)
    return client


async def test_an_iteration_takes_no_more_than_a_batch(flood: list[socket.socket], server: Server) -> None:
    """However many wait: all other work of the loop runs between two batches."""
    most, before = 0, 0
    while len(server) < FLOOD:
        await asyncio.sleep(0)
        most, before = max(most, len(server) - before), len(server)
    assert most <= ACCEPT_BATCH


async def test_the_newest_connection_is_taken_first(flood: list[socket.socket], server: Server) -> None:
    """The oldest is the nearest to its client's time-out: serving it would be in vain again and again."""
    await eventually(lambda: len(server) == FLOOD)
    assert server.peers == [client.getsockname() for client in reversed(flood)]


async def test_a_silent_connection_is_taken_once_it_sends(server: Server) -> None:
    """A flood that connects first and sends later, all at once, would otherwise be served in one iteration."""
    with _connect(server.address, b"") as silent, _connect(server.address) as sends:
        await eventually(lambda: sends in server)
        assert silent not in server
        silent.sendall(REQUEST)
        await eventually(lambda: silent in server)


async def test_half_a_head_costs_no_protocol(server: Server) -> None:
    """A flood of them costs what silent connections cost. What is no head goes on at once and is refused."""
    with _connect(server.address, REQUEST[:-2]) as half, _connect(server.address, b"\x16\x03") as foreign:
        await eventually(lambda: foreign in server)
        assert half not in server
        half.sendall(REQUEST[-2:])
        await eventually(lambda: half in server)


async def test_silent_connection_is_closed_after_the_deadline(small_server: Server) -> None:
    loop = asyncio.get_running_loop()
    with _connect(small_server.address, b"") as silent:
        silent.setblocking(False)
        assert await asyncio.wait_for(loop.sock_recv(silent, 1), 10) == b""
    assert len(small_server) == 0


async def test_a_connection_to_a_full_queue_takes_the_place_of_the_longest_silent(listening: socket.socket) -> None:
    async with serving(listening, queue(2)) as server:
        oldest, newer = _connect(server.address, b""), _connect(server.address, b"")
        with oldest, newer, _connect(server.address) as sends:
            await eventually(lambda: sends in server)
            oldest.setblocking(False)
            assert await asyncio.get_running_loop().sock_recv(oldest, 1) == b""
            newer.sendall(REQUEST)
            await eventually(lambda: newer in server)


async def test_silent_connections_of_one_address_take_no_place_of_others(listening: socket.socket) -> None:
    """The bound of an address: its newest stay, and those of other addresses and of proxies too."""
    async with serving(listening, queue(per_network=2, exempt="127.0.0.3")) as server:
        addresses = ["127.0.0.1", "127.0.0.2", "127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3", "127.0.0.3"]
        clients = [_connect(server.address, b"", source) for source in addresses]
        clients[1].setblocking(False)
        assert await asyncio.wait_for(asyncio.get_running_loop().sock_recv(clients[1], 1), 10) == b""
        for client in clients:
            if client is not clients[1]:
                client.sendall(REQUEST)
        await eventually(lambda: len(server) == len(clients) - 1)
        for client in clients:
            client.close()


async def test_a_reset_connection_in_the_queue_does_not_stop_it(server: Server) -> None:
    gone = _connect(server.address)
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    gone.close()  # with a reset
    with _connect(server.address) as stays:
        await eventually(lambda: stays in server)


async def test_a_connection_that_its_client_closed_is_not_taken(server: Server) -> None:
    """It sent a request before it closed: its handshake would be done in vain, before those of others."""
    gone = _connect(server.address)
    gone.close()
    with _connect(server.address) as stays:
        await eventually(lambda: len(server) > 0)
        assert server.peers == [stays.getsockname()]


@pytest.mark.parametrize("steps", range(1, 12))
async def test_a_stop_at_any_step_closes_each_connection_without_a_protocol(steps: int) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    clients = [socket.create_connection(listening.getsockname()) for _ in range(3)]
    for client in clients:
        client.sendall(REQUEST)
    server = Server(listening)
    task = asyncio.create_task(serve(listening, queue(), server.protocol))
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    # With a cycle of references a lost connection would stay open; without one its warning fails the test.
    gc.collect()
    for transport in server.transports:
        transport.close()
    for client in clients:
        await eventually(partial(is_closed, client), sentence="the server has closed the connection")
        client.close()


def is_closed(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
