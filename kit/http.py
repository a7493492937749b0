"""Serving an ASGI application on uvicorn inside a loop that belongs to the service."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the process decides when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve_http(config: uvicorn.Config, stopping: asyncio.Event) -> None:
    """Serves until `stopping` is set, then as long as `config.timeout_graceful_shutdown` says; OSError when the address is taken."""
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve())
        watching = group.create_task(stopping.wait())
        await asyncio.wait((serving, watching), return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        watching.cancel()
        await serving
    if not server.started:
        raise OSError(f"cannot listen on {config.host}:{config.port}")


def split_address(address: str) -> tuple[str, int]:
    """`127.0.0.1:8080` as host and port; ValueError when it is not that."""
    host, separator, port = address.rpartition(":")
    if not separator or not host:
        raise ValueError(f"{address!r} is not host:port")
    return host, int(port)
