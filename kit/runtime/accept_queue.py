"""Letting connections in: everybody who connects is shown to the hall, and those who have asked for something are served, a few in a turn of the event
loop, the next when that turn's work is done.

A crowd that comes at once waits in the hall instead of in the loop: who is in already is served between any two turns, and the busier the loop, the
slower it lets in. Without this a few thousand handshakes are one turn, which takes seconds. It does not wait in the system's queue either, which drops
whom it has no room for, and they try again after a second, then two, then four, while the processor idles.

The newest is served first. Who has waited longest is the nearest to giving up, and would do so halfway through: once the wait is as long as people's
patience, a hall that served the oldest would serve nobody. They dial again, and are the newest then.
"""

import asyncio
import select
import socket
from collections.abc import Callable, Iterator
from itertools import islice
from types import TracebackType
from typing import Self

# Some 10 ms of work: more is felt by those who are in. With eight, what is looked up for those who come together is looked up for half as many, and a crowd
# took half as long again to come in; 24 were no faster.
ACCEPT_BATCH = 16
# Into the hall, which costs some 10 µs each.
ARRIVAL_BATCH = 64
# Who has asked, or has gone; some 1 µs each.
POLL_BATCH = 512
# A process holds that many sockets and more; who comes then waits in the system's queue.
MAX_PENDING = 16_384
# Who says nothing for so long is sent away; a browser may open a connection before it knows what to ask for. As nginx waits for a request's head.
SILENCE_S = 60.0
# When the system has no more files or memory for us, some connection must end first.
AGAIN_S = 0.2


class AcceptQueue:
    """Connections that nobody has been served on yet. Closed on exit, and they with it."""

    def __init__(self) -> None:
        self._watch = select.epoll()
        self._silent: dict[int, tuple[socket.socket, asyncio.TimerHandle]] = {}
        # The newest last.
        self._asking: dict[int, socket.socket] = {}
        self._left = asyncio.Event()

    def __len__(self) -> int:
        return len(self._silent) + len(self._asking)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for place in [*self._silent, *self._asking]:
            self._send_away(place)
        self._watch.close()

    def enter(self, connection: socket.socket) -> None:
        place = connection.fileno()
        self._watch.register(place, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLET)
        sending_away = asyncio.get_running_loop().call_later(SILENCE_S, self._send_away, place)
        self._silent[place] = connection, sending_away

    async def room(self) -> int:
        """For how many; returns when there is some."""
        while len(self) >= MAX_PENDING:
            self._left.clear()
            await self._left.wait()
        return MAX_PENDING - len(self)

    async def somebody_asks(self) -> None:
        """Returns when somebody has asked, or given up; at once when somebody waits already."""
        if self._asking:
            return
        loop, stirred = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._watch.fileno(), stirred.set)
        try:
            await stirred.wait()
        finally:
            loop.remove_reader(self._watch.fileno())

    def those_who_ask(self, most: int) -> Iterator[socket.socket]:
        """The newest first; they have left the hall. Whoever gave up while waiting is not among them."""
        self._look()
        for place in list(islice(reversed(self._asking), most)):
            yield self._leave(place)

    def _look(self) -> None:
        for place, event in self._watch.poll(0, POLL_BATCH):
            if event & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
                self._send_away(place)
            elif place in self._silent:
                self._asking[place], sending_away = self._silent.pop(place)
                sending_away.cancel()

    def _send_away(self, place: int) -> None:
        self._leave(place).close()

    def _leave(self, place: int) -> socket.socket:
        self._watch.unregister(place)
        self._left.set()
        if place in self._asking:
            return self._asking.pop(place)
        connection, sending_away = self._silent.pop(place)
        sending_away.cancel()
        return connection


async def serve(listening: socket.socket, hall: AcceptQueue, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Until cancelled. `listening` and `hall` are closed then, and who waits is turned away."""
    with listening, hall:
        listening.setblocking(False)
        async with asyncio.TaskGroup() as group:
            group.create_task(_receive(listening, hall))
            group.create_task(_serve(hall, protocol))


async def _receive(listening: socket.socket, hall: AcceptQueue) -> None:
    loop = asyncio.get_running_loop()
    while True:
        room = await hall.room()
        try:
            first, _ = await loop.sock_accept(listening)
        except OSError:
            await asyncio.sleep(AGAIN_S)
            continue
        for connection in (first, *_behind(listening, min(room, ARRIVAL_BATCH) - 1)):
            hall.enter(connection)


def _behind(listening: socket.socket, most: int) -> Iterator[socket.socket]:
    """Those behind the first, if any."""
    for _ in range(most):
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # nobody, or no room: the next turn finds out
        connection.setblocking(False)
        yield connection


async def _serve(hall: AcceptQueue, protocol: Callable[[], asyncio.Protocol]) -> None:
    while True:
        await hall.somebody_asks()
        await asyncio.gather(*(_take(one, protocol) for one in hall.those_who_ask(ACCEPT_BATCH)))


async def _take(connection: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().connect_accepted_socket(protocol, connection)
    except BaseException as error:
        connection.close()
        if not isinstance(error, OSError):
            raise
        # Gone before its turn came.
