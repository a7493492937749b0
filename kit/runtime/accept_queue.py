"""Accept queue. New connections wait in an epoll set; with a whole head, up to ACCEPT_BATCH per loop iteration go to uvicorn, newest first.

A flood of connections waits here instead of in the event loop: open connections are served between any two iterations, and a busier
loop accepts more slowly. Without the queue a few thousand handshakes are one iteration of several seconds. The backlog of the system
is no place to wait either: it drops connections that do not fit, and their clients retry after 1, 2, 4 s while the processor idles.

Newest first, because the oldest is the nearest to its client's time-out. Once the wait is as long as that time-out, a queue that
serves the oldest first completes no handshake at all. Clients that gave up dial again, and are the newest then.

The backlog is served oldest first, so people wait there behind every connection of a flood: an accept has to be cheap. A connection
without a whole head costs a socket and a slot in `ConnectionBounds`, and no protocol. A full queue drops its longest silent connection.
"""

import asyncio
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from types import TracebackType
from typing import NamedTuple, Self

from kit.runtime.connection_bounds import ConnectionBounds, Slot
from kit.runtime.peer_faults import PeerFault, PeerFaults

# Some 10 ms of work, which open connections do not notice. With 8, look-ups are shared by half as many connections and a flood took
# half as long again to connect; 24 were no faster.
ACCEPT_BATCH = 16
# Accepted from the system per iteration; some 20 µs each.
ARRIVAL_BATCH = 64
# Events of the epoll set per iteration; some 3 µs each, 10 when the peer has left.
POLL_BATCH = 128
# From the accept to a whole request head. Browsers connect before they know the request, and connect again when they do.
HEAD_S = 10.0
# A head that is longer goes to the protocol in pieces.
PEEK_BYTES = 4096
# Between attempts while all connections are being served.
FULL_WAIT_S = 0.02
# Between attempts while the system has no file or memory for another connection: one must end first.
RETRY_WAIT_S = 0.2


class Arrival(NamedTuple):
    """An accepted connection, its slot, and the time that is left for the head of its first request. Waiting in the queue costs it none."""

    connection: socket.socket
    slot: Slot
    head_s: float


class _Silent(NamedTuple):
    """A connection without a whole head, and when it is closed."""

    connection: socket.socket
    slot: Slot
    due: float


# Makes the protocol of a connection.
Protocols = Callable[[Arrival], asyncio.Protocol]


class AcceptQueue:
    """Accepted connections that wait for uvicorn. A context manager: closes the connections that are left.

    `network_of` returns the network that an address counts for, or None for one without a bound of its own.
    """

    def __init__(
        self,
        bounds: ConnectionBounds,
        faults: PeerFaults,
        *,
        network_of: Callable[[str], str | None] = lambda _: None,
        head_s: float = HEAD_S,
    ) -> None:
        self._bounds = bounds
        self._faults = faults
        self._network_of = network_of
        self._head_s = head_s
        self._epoll = select.epoll()
        # Both by file descriptor, the newest last.
        self._silent: dict[int, _Silent] = {}
        self._ready: dict[int, Arrival] = {}
        # One for all: a timer of each connection costs more than the rest of its wait.
        self._expiry: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._silent) + len(self._ready)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._expiry is not None:
            self._expiry.cancel()
        for fd in [*self._silent, *self._ready]:
            self._close(fd)
        self._epoll.close()

    def has_room(self) -> bool:
        return self._bounds.has_room()

    def add(self, connection: socket.socket, address: str) -> None:
        """Closes the connection instead when its network has too many, all of them being served."""
        fd = connection.fileno()
        slot = self._bounds.admit(self._network_of(address), lambda: self._drop(fd))
        if slot is None:
            self._faults.count(PeerFault.CROWDED)
            connection.close()
            return
        self._epoll.register(fd, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
        loop = asyncio.get_running_loop()
        self._silent[fd] = _Silent(connection, slot, loop.time() + self._head_s)
        if self._expiry is None:
            self._expiry = loop.call_later(self._head_s, self._expire)

    async def wait_ready(self) -> None:
        """Returns when a connection has sent something or is closed; at once when one waits already."""
        if self._ready:
            return
        await _readable(self._epoll.fileno())

    def take_ready(self, limit: int) -> Iterator[Arrival]:
        """Removes connections with a whole head, newest first. Connections that their clients closed meanwhile are not among them."""
        self._poll()
        for fd in list(islice(reversed(self._ready), limit)):
            self._epoll.unregister(fd)
            yield self._ready.pop(fd)

    def _poll(self) -> None:
        now = asyncio.get_running_loop().time()
        for fd, event in self._epoll.poll(0, POLL_BATCH):
            if event & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
                self._leave(fd)
            elif (silent := self._silent.get(fd)) is not None and _is_whole(_peek(silent.connection)):
                del self._silent[fd]
                silent.slot.busy()
                self._ready[fd] = Arrival(silent.connection, silent.slot, max(silent.due - now, 0))

    def _leave(self, fd: int) -> None:
        if _peek((self._silent.get(fd) or self._ready[fd]).connection):
            self._faults.count(PeerFault.LEFT)
        self._close(fd)

    def _expire(self) -> None:
        """Closes what is due, the oldest first."""
        loop = asyncio.get_running_loop()
        for fd, silent in list(islice(self._silent.items(), ARRIVAL_BATCH)):
            if silent.due > loop.time():
                break
            self._faults.count(PeerFault.LATE)
            self._close(fd)
        oldest = next(iter(self._silent.values()), None)
        self._expiry = loop.call_at(oldest.due, self._expire) if oldest is not None else None

    def _drop(self, fd: int) -> None:
        self._faults.count(PeerFault.CROWDED)
        self._close(fd)

    def _close(self, fd: int) -> None:
        self._epoll.unregister(fd)
        waiting = self._ready.pop(fd, None) or self._silent.pop(fd)
        waiting.slot.release()
        waiting.connection.close()


def _peek(connection: socket.socket) -> bytes:
    """What the peer has sent; empty when it has reset the connection."""
    with suppress(OSError):
        return connection.recv(PEEK_BYTES, socket.MSG_PEEK)
    return b""


def _is_whole(head: bytes) -> bool:
    """False while the protocol could do nothing but wait. It refuses what begins with no letter."""
    return b"\n\r\n" in head or b"\n\n" in head or len(head) >= PEEK_BYTES or not head[:1].isalpha()


async def serve(listening: socket.socket, queue: AcceptQueue, protocols: Protocols) -> None:
    """Accepts connections and attaches a protocol to each, until cancelled; then closes `listening` and `queue`."""
    with listening, queue:
        listening.setblocking(False)
        async with asyncio.TaskGroup() as group:
            group.create_task(_accept(listening, queue))
            group.create_task(_attach_ready(queue, protocols))


async def _readable(fd: int) -> None:
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(fd, changed.set)
    try:
        await changed.wait()
    finally:
        loop.remove_reader(fd)


async def _accept(listening: socket.socket, queue: AcceptQueue) -> None:
    """Accepts without an await: a connection that `loop.sock_accept` had when this is cancelled would have no owner."""
    while True:
        while not queue.has_room():  # noqa: ASYNC110 - rare, and any connection of the port may end first
            await asyncio.sleep(FULL_WAIT_S)
        await _readable(listening.fileno())
        if not _accept_waiting(listening, queue):
            await asyncio.sleep(RETRY_WAIT_S)


def _accept_waiting(listening: socket.socket, queue: AcceptQueue) -> bool:
    """Takes what waits in the backlog now; False when the system has no file for it."""
    family, kind, protocol = listening.family, listening.type, listening.proto
    for _ in range(ARRIVAL_BATCH):
        if not queue.has_room():
            return True
        try:
            # `accept` itself spends twice the time of the system call on the names of family and type.
            fd, address = listening._accept()  # type: ignore[attr-defined] # noqa: SLF001
        except (BlockingIOError, ConnectionAbortedError):
            return True
        except OSError:
            return False
        connection = socket.socket(family, kind, protocol, fd)
        connection.setblocking(False)
        queue.add(connection, address[0])
    return True


async def _attach_ready(queue: AcceptQueue, protocols: Protocols) -> None:
    while True:
        await queue.wait_ready()
        arrivals = {arrival.connection: arrival for arrival in queue.take_ready(ACCEPT_BATCH)}
        try:
            await asyncio.gather(*(_attach(arrival, protocols, arrivals) for arrival in [*arrivals.values()]))
        finally:
            # A task that is cancelled before its first step has no chance to close its connection.
            for arrival in arrivals.values():
                _close(arrival)


async def _attach(arrival: Arrival, protocols: Protocols, unowned: dict[socket.socket, Arrival]) -> None:
    """Gives the connection a protocol, or closes it; either way removes it from `unowned`."""
    del unowned[arrival.connection]
    try:
        arrival.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: protocols(arrival), arrival.connection)
    except BaseException as error:
        _close(arrival)
        if not isinstance(error, OSError):  # an OSError: the client closed it meanwhile
            raise


def _close(arrival: Arrival) -> None:
    arrival.slot.release()
    arrival.connection.close()
