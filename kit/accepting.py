"""Letting connections in: a few in a turn of the event loop, and the next when that turn's work is done.

A crowd that comes at once waits in the system's queue instead of in the loop: who is in already is served between any two turns, and the busier the
loop, the slower it lets in. Without this a few thousand handshakes are one turn, which takes seconds.
"""

import asyncio
import socket
from collections.abc import Callable, Iterator

# Some 8 ms of work: less leaves the processor idle while a crowd waits, more is felt by those who are in.
A_TURN = 8
# When the system has no more files or memory for us, some connection must end first.
AGAIN_S = 0.2
# Of the kernel: the peer has said farewell. Whoever gave up while waiting in the queue would be served before those who still wait.
CLOSE_WAIT = 8


async def let_in(listening: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Until cancelled. `listening` is closed then, and who waits in its queue is turned away."""
    loop = asyncio.get_running_loop()
    with listening:
        listening.setblocking(False)
        while True:
            try:
                first, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(AGAIN_S)
                continue
            await asyncio.gather(*(_take(loop, one, protocol) for one in (first, *_waiting(listening))))


def _waiting(listening: socket.socket) -> Iterator[socket.socket]:
    """Those behind the first, if any."""
    for _ in range(A_TURN - 1):
        try:
            connection, _ = listening.accept()
        except OSError:
            return  # nobody, or no room: the next turn finds out
        connection.setblocking(False)
        yield connection


async def _take(
    loop: asyncio.AbstractEventLoop, connection: socket.socket, protocol: Callable[[], asyncio.Protocol]
) -> None:
    try:
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
