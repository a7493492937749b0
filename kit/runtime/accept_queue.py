"""Accept queue. New connections wait in an epoll set; once readable, up to ACCEPT_BATCH per loop iteration are handed to uvicorn, newest first.

A flood of connections waits here instead of in the event loop: open connections are served between any two iterations, and a busier
loop accepts more slowly. Without the queue a few thousand handshakes are one iteration of several seconds. The backlog of the system
is no place to wait either: it drops connections that do not fit, and their clients retry after 1, 2, 4 s while the processor idles.

Newest first, because the oldest is the nearest to its client's time-out. Once the wait is as long as that time-out, a queue that
serves the oldest first completes no handshake at all. Clients that gave up dial again, and are the newest then.

A connection has a slot in `ConnectionBounds` from here on. A full queue drops its longest silent connection.
"""

import asyncio
import select
import socket
from collections.abc import Callable, Iterator
from itertools import islice
from types import TracebackType
from typing import NamedTuple, Self

from kit.runtime.connection_bounds import ConnectionBounds, Slot
from kit.runtime.peer_faults import PeerFault, PeerFaults

# Some 10 ms of work, which open connections do not notice. With 8, look-ups are shared by half as many connections and a flood took
# half as long again to connect; 24 were no faster.
ACCEPT_BATCH = 16
# Accepted from the system per iteration; some 10 µs each.
ARRIVAL_BATCH = 64
# Events of the epoll set per iteration; some 1 µs each.
POLL_BATCH = 512
# From the accept to a whole request head. Browsers connect before they know the request, and connect again when they do.
HEAD_S = 10.0
# Between attempts while all connections are being served.
FULL_WAIT_S = 0.02
# Between attempts while the system has no file or memory for another connection: one must end first.
RETRY_WAIT_S = 0.2


class Arrival(NamedTuple):
    """An accepted connection, its slot, and the time that is left for the head of its first request. Waiting in the queue costs it none."""

    connection: socket.socket
    slot: Slot
    head_s: float


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
        self._silent: dict[int, tuple[socket.socket, Slot, asyncio.TimerHandle]] = {}
        # By file descriptor, the newest last.
        self._readable: dict[int, Arrival] = {}

    def __len__(self) -> int:
        return len(self._silent) + len(self._readable)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for fd in [*self._silent, *self._readable]:
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
        self._silent[fd] = connection, slot, asyncio.get_running_loop().call_later(self._head_s, self._expire, fd)

    async def wait_readable(self) -> None:
        """Returns when a connection is readable or closed; at once when one waits already."""
        if self._readable:
            return
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._epoll.fileno(), changed.set)
        try:
            await changed.wait()
        finally:
            loop.remove_reader(self._epoll.fileno())

    def take_readable(self, limit: int) -> Iterator[Arrival]:
        """Removes readable connections, newest first. Connections that their clients closed meanwhile are not among them."""
        self._poll()
        for fd in list(islice(reversed(self._readable), limit)):
            self._epoll.unregister(fd)
            yield self._readable.pop(fd)

    def _poll(self) -> None:
        now = asyncio.get_running_loop().time()
        for fd, event in self._epoll.poll(0, POLL_BATCH):
            if event & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
                self._close(fd)
            elif fd in self._silent:
                connection, slot, deadline = self._silent.pop(fd)
                deadline.cancel()
                slot.busy()
                self._readable[fd] = Arrival(connection, slot, max(deadline.when() - now, 0))

    def _expire(self, fd: int) -> None:
        self._faults.count(PeerFault.LATE)
        self._close(fd)

    def _drop(self, fd: int) -> None:
        self._faults.count(PeerFault.CROWDED)
        self._close(fd)

    def _close(self, fd: int) -> None:
        self._epoll.unregister(fd)
        if fd in self._readable:
            connection, slot, _ = self._readable.pop(fd)
        else:
            connection, slot, deadline = self._silent.pop(fd)
            deadline.cancel()
        slot.release()
        connection.close()


async def serve(listening: socket.socket, queue: AcceptQueue, protocols: Protocols) -> None:
    """Accepts connections and attaches a protocol to each, until cancelled; then closes `listening` and `queue`."""
    with listening, queue:
        listening.setblocking(False)
        async with asyncio.TaskGroup() as group:
            group.create_task(_accept(listening, queue))
            group.create_task(_attach_readable(queue, protocols))


async def _accept(listening: socket.socket, queue: AcceptQueue) -> None:
    loop = asyncio.get_running_loop()
    while True:
        while not queue.has_room():  # noqa: ASYNC110 - rare, and any connection of the port may end first
            await asyncio.sleep(FULL_WAIT_S)
        try:
            connection, address = await loop.sock_accept(listening)
        except OSError:
            await asyncio.sleep(RETRY_WAIT_S)
            continue
        queue.add(connection, address[0])
        _accept_more(listening, queue)


def _accept_more(listening: socket.socket, queue: AcceptQueue) -> None:
    """Takes what waits in the backlog now."""
    for _ in range(ARRIVAL_BATCH - 1):
        if not queue.has_room():
            return
        try:
            connection, address = listening.accept()
        except OSError:
            return  # none is left, or no file for it: the next iteration handles both
        connection.setblocking(False)
        queue.add(connection, address[0])


async def _attach_readable(queue: AcceptQueue, protocols: Protocols) -> None:
    while True:
        await queue.wait_readable()
        await asyncio.gather(*(_attach(arrival, protocols) for arrival in queue.take_readable(ACCEPT_BATCH)))


async def _attach(arrival: Arrival, protocols: Protocols) -> None:
    connection = arrival.connection
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().connect_accepted_socket(lambda: protocols(arrival), connection)
    except BaseException as error:
        arrival.slot.release()
        connection.close()
        if not isinstance(error, OSError):  # an OSError: the client closed it meanwhile
            raise
