"""HTTP server: an ASGI application on uvicorn, in the event loop of the service, behind an accept queue."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import cast

import uvicorn

from kit.runtime.accept_queue import AcceptQueue, serve


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: the process decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def protocol(self) -> asyncio.Protocol:
        """A protocol for an accepted connection, made as uvicorn makes its own."""
        made: asyncio.Protocol = self._protocol_class(config=self.config, server_state=self.server_state, app_state={})
        return made

    @cached_property
    def _protocol_class(self) -> Callable[..., asyncio.Protocol]:
        if not self.config.loaded:
            self.config.load()
        return cast(Callable[..., asyncio.Protocol], self.config.http_protocol_class)


async def serve_http(config: uvicorn.Config, queue: AcceptQueue, stopping: asyncio.Event) -> None:
    """Serves connections from `queue` until `stopping` is set, then as long as `config.timeout_graceful_shutdown` says.

    OSError when the address is taken.
    """
    # uvicorn itself ends the process when the address is taken.
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.create_server((config.host, config.port), family=family, backlog=config.backlog)
    server = _Server(config)
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
