"""Accept queue. New connections wait in an epoll set; once readable, up to ACCEPT_BATCH per loop iteration are handed to uvicorn, newest first.

A flood of connections waits here instead of in the event loop: open connections are served between any two iterations, and a busier
loop accepts more slowly. Without the queue a few thousand handshakes are one iteration of several seconds. The backlog of the system
is no place to wait either: it drops connections that do not fit, and their clients retry after 1, 2, 4 s while the processor idles.

Newest first, because the oldest is the nearest to its client's time-out. Once the wait is as long as that time-out, a queue that
serves the oldest first completes no handshake at all. Clients that gave up dial again, and are the newest then.
"""

import asyncio
import select
import socket
from collections.abc import Callable, Iterator
from itertools import islice
from types import TracebackType
from typing import Self

# Some 10 ms of work, which open connections do not notice. With 8, look-ups are shared by half as many connections and a flood took
# half as long again to connect; 24 were no faster.
ACCEPT_BATCH = 16
# Accepted from the system per iteration; some 10 µs each.
ARRIVAL_BATCH = 64
# Events of the epoll set per iteration; some 1 µs each.
POLL_BATCH = 512
# A process holds that many sockets and more; later connections wait in the backlog of the system.
MAX_PENDING = 16_384
# A connection that sends nothing for so long is closed. Browsers connect before they know the request. As nginx waits for a request's head.
SILENCE_S = 60.0
# Between attempts while the system has no file or memory for another connection: one must end first.
RETRY_WAIT_S = 0.2


class AcceptQueue:
    """Accepted connections that wait for uvicorn. A context manager: closes the connections that are left."""

    def __init__(self, *, max_pending: int = MAX_PENDING, silence_s: float = SILENCE_S) -> None:
        self._max_pending = max_pending
        self._silence_s = silence_s
        self._epoll = select.epoll()
        self._silent: dict[int, tuple[socket.socket, asyncio.TimerHandle]] = {}
        # By file descriptor, the newest last.
        self._readable: dict[int, socket.socket] = {}
        self._removed = asyncio.Event()

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

    def add(self, connection: socket.socket) -> None:
        fd = connection.fileno()
        self._epoll.register(fd, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
        deadline = asyncio.get_running_loop().call_later(self._silence_s, self._close, fd)
        self._silent[fd] = connection, deadline

    async def free_slots(self) -> int:
        """The number of connections that fit; waits until it is above 0."""
        while len(self) >= self._max_pending:
            self._removed.clear()
            await self._removed.wait()
        return self._max_pending - len(self)

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

    def take_readable(self, limit: int) -> Iterator[socket.socket]:
        """Removes readable connections, newest first. Connections that their clients closed meanwhile are not among them."""
        self._poll()
        for fd in list(islice(reversed(self._readable), limit)):
            yield self._remove(fd)

    def _poll(self) -> None:
        for fd, event in self._epoll.poll(0, POLL_BATCH):
            if event & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
                self._close(fd)
            elif fd in self._silent:
                self._readable[fd], deadline = self._silent.pop(fd)
                deadline.cancel()

    def _close(self, fd: int) -> None:
        self._remove(fd).close()

    def _remove(self, fd: int) -> socket.socket:
        self._epoll.unregister(fd)
        self._removed.set()
        if fd in self._readable:
            return self._readable.pop(fd)
        connection, deadline = self._silent.pop(fd)
        deadline.cancel()
        return connection


async def serve(listening: socket.socket, queue: AcceptQueue, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Accepts connections and attaches a protocol to each, until cancelled; then closes `listening` and `queue`."""
    with listening, queue:
        listening.setblocking(False)
        async with asyncio.TaskGroup() as group:
            group.create_task(_accept(listening, queue))
            group.create_task(_attach_readable(queue, protocol))


async def _accept(listening: socket.socket, queue: AcceptQueue) -> None:
    loop = asyncio.get_running_loop()
    while True:
        free = await queue.free_slots()
        try:
            first, _ = await loop.sock_accept(listening)
        except OSError:
            await asyncio.sleep(RETRY_WAIT_S)
            continue
        for connection in (first, *_more(listening, min(free, ARRIVAL_BATCH) - 1)):
            queue.add(connection)


def _more(listening: socket.socket, limit: int) -> Iterator[socket.socket]:
    """Connections that wait in the backlog now."""
    for _ in range(limit):
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # none is left, or no file for it: the next iteration handles both
        connection.setblocking(False)
        yield connection


async def _attach_readable(queue: AcceptQueue, protocol: Callable[[], asyncio.Protocol]) -> None:
    while True:
        await queue.wait_readable()
        await asyncio.gather(*(_attach(connection, protocol) for connection in queue.take_readable(ACCEPT_BATCH)))


async def _attach(connection: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)
    except BaseException as error:
        connection.close()
        if not isinstance(error, OSError):  # an OSError: the client closed it meanwhile
            raise
