"""Letting connections in: one in a turn of the event loop, and the next when that turn's work is done.

A crowd that comes at once waits in the system's queue instead of in the loop: who is in already is served between any two of them, and the busier the
loop, the slower it lets in. Without this a few thousand handshakes are one turn, which takes seconds.
"""

import asyncio
import socket
from collections.abc import Callable

# When the system has no more files or memory for us, some connection must end first.
AGAIN_S = 0.2


async def let_in(listening: socket.socket, protocol: Callable[[], asyncio.Protocol]) -> None:
    """Until cancelled. `listening` is closed then, and who waits in its queue is turned away."""
    loop = asyncio.get_running_loop()
    with listening:
        listening.setblocking(False)
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:
                await asyncio.sleep(AGAIN_S)
                continue
            await _take(loop, connection, protocol)


async def _take(
    loop: asyncio.AbstractEventLoop, connection: socket.socket, protocol: Callable[[], asyncio.Protocol]
) -> None:
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await loop.connect_accepted_socket(protocol, connection)
    except BaseException as error:
        connection.close()
        if not isinstance(error, OSError):
            raise
        # Gone before its turn came.
