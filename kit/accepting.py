"""Letting connections in: a few of those who have asked for something in a turn of the event loop, and the next when that turn's work is done.

A crowd that comes at once waits in its line instead of in the loop: who is in already is served between any two turns, and the busier the loop, the slower
it lets in. Who has connected and not asked yet is no work, but must not be in either: a crowd of them would ask all at once. Without this a few
thousand handshakes are one turn, which takes seconds.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator

# Some 10 ms of work: less leaves the processor idle while a crowd waits, more is felt by those who are in.
A_TURN = 16
# When the system has no more files or memory for us, some connection must end first.
AGAIN_S = 0.2
# Who connects and asks for nothing is sent away then. A slow line's first bytes follow in one.
SILENT_S = 10.0
# Of the kernel: the peer has said farewell. Whoever gave up while waiting in the queue would be served before those who still wait.
CLOSE_WAIT = 8


async def let_in(listening: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Until cancelled. `listening` is closed then, and who waits in its queue, or has not asked yet, is turned away."""
    loop = asyncio.get_running_loop()
    turn = asyncio.Semaphore(A_TURN)
    with listening:
        listening.setblocking(False)
        async with asyncio.TaskGroup() as silent:
            while True:
                try:
                    first, _ = await loop.sock_accept(listening)
                except OSError:
                    await asyncio.sleep(AGAIN_S)
                    continue
                asking = []
                for one in (first, *_waiting(listening)):
                    if _has_asked(one):
                        asking.append(_take(loop, one, protocol, turn))
                    else:
                        silent.create_task(_take_when_it_asks(loop, one, protocol, turn))
                await asyncio.gather(*asking)


def _waiting(listening: socket.socket) -> Iterator[socket.socket]:
    """Those behind the first, if any."""
    for _ in range(A_TURN - 1):
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # nobody, or no room: the next turn finds out
        connection.setblocking(False)
        yield connection


def _has_asked(connection: socket.socket) -> bool:
    """Or has gone, which is found out as soon."""
    try:
        connection.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


async def _take_when_it_asks(
    loop: asyncio.AbstractEventLoop,
    connection: socket.socket,
    protocol: Callable[[], asyncio.Protocol],
    turn: asyncio.Semaphore,
) -> None:
    asks = asyncio.Event()
    loop.add_reader(connection, asks.set)
    try:
        async with asyncio.timeout(SILENT_S):
            await asks.wait()
    except BaseException as error:
        loop.remove_reader(connection)
        connection.close()
        if not isinstance(error, TimeoutError):
            raise
        return
    loop.remove_reader(connection)
    await _take(loop, connection, protocol, turn)


async def _take(
    loop: asyncio.AbstractEventLoop,
    connection: socket.socket,
    protocol: Callable[[], asyncio.Protocol],
    turn: asyncio.Semaphore,
) -> None:
    try:
        async with turn:
            if _has_given_up(connection):
                connection.close()
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.connect_accepted_socket(protocol, connection)
    except BaseException as error:
        connection.close()
        if not isinstance(error, OSError):
            raise
        # Gone before its turn came.


def _has_given_up(connection: socket.socket) -> bool:
    if not hasattr(socket, "TCP_INFO"):
        return False
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == CLOSE_WAIT
