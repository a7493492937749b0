"""HTTP server: an ASGI application on uvicorn, in the event loop of the service, behind an accept queue."""

import asyncio
import math
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from kit.runtime.accept_queue import AcceptQueue, Arrival, serve
from kit.runtime.http_protocol import DEADLINES, Deadlines, HttpProtocol
from kit.runtime.peer_faults import PeerFaults

# uvicorn's warnings are all about what peers send, which `PeerFaults` counts. At `info` it logs the path and query of every websocket
# (requirement I-19: no credential in a log).
LOG_LEVEL = "error"
# Beyond the grace of a stop: uvicorn cancels what still runs and logs it as an error. Until then aborted requests end by themselves.
ABORTED_S = 1


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process decides when to stop."""

    def __init__(self, config: uvicorn.Config, grace_s: float, deadlines: Deadlines, faults: PeerFaults) -> None:
        super().__init__(config)
        self._grace_s = grace_s
        self._deadlines = deadlines
        self._faults = faults
        if not config.loaded:
            config.load()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Aborts the connections that are left after the grace: peers that send half a request, or read no response."""
        aborting = asyncio.get_running_loop().call_later(self._grace_s, self._abort_rest)
        try:
            await super().shutdown(sockets)
        finally:
            aborting.cancel()

    def _abort_rest(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    def protocol(self, arrival: Arrival) -> asyncio.Protocol:
        """A protocol for an accepted connection, made as uvicorn makes its own."""
        return HttpProtocol(
            arrival,
            self._deadlines,
            self._faults,
            config=self.config,
            server_state=self.server_state,
            app_state={},
        )


async def serve_http(
    config: uvicorn.Config,
    queue: AcceptQueue,
    stopping: asyncio.Event,
    *,
    grace_s: float,
    faults: PeerFaults,
    deadlines: Deadlines = DEADLINES,
) -> None:
    """Serves connections from `queue` until `stopping` is set, then running requests for `grace_s`.

    OSError when the address is taken.
    """
    # uvicorn itself ends the process when the address is taken.
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.create_server((config.host, config.port), family=family, backlog=config.backlog)
    config.timeout_graceful_shutdown = math.ceil(grace_s) + ABORTED_S
    server = _Server(config, grace_s, deadlines, faults)
    async with asyncio.TaskGroup() as group:
        # uvicorn accepts no connection itself; it gets each from the queue.
        serving = group.create_task(server.serve(sockets=[]))
        accepting = group.create_task(serve(listening, queue, server.protocol))
        watching = group.create_task(stopping.wait())
        await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        accepting.cancel()
        watching.cancel()
        await serving


def split_address(address: str) -> tuple[str, int]:
    """`127.0.0.1:8080` or `[::1]:8080` as host and port; ValueError when it is neither."""
    host, separator, port = address.rpartition(":")
    if not separator or not host:
        raise ValueError(f"{address!r} is not host:port")
    return host.removeprefix("[").removesuffix("]"), int(port)
