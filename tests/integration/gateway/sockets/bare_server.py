"""The public server of a gateway around any ASGI application, without the services behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from devstack.ports import Ports
from kit.runtime.accept_queue import AcceptQueue
from kit.runtime.http_server import serve_http
from kit.runtime.peer_faults import PeerFaults
from services.gateway.connection.server_config import public_config
from services.gateway.connection.transport import FlushQueues
from services.gateway.overload.loop_slices import LoopSlicer


@asynccontextmanager
async def bare_server(
    folder: Path, app: ASGIApp, *, registry: CollectorRegistry | None = None, grace_s: float = 1.0
) -> AsyncIterator[str]:
    """Yields the address; stops the server at the end."""
    address, stopping = f"127.0.0.1:{Ports(folder / 'ports.json').port('bare')}", asyncio.Event()
    queues = FlushQueues(LoopSlicer(1), LoopSlicer(1), LoopSlicer(1))
    config = public_config(app, address, queues, PeerFaults(registry or CollectorRegistry()))
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_http(config, AcceptQueue(), stopping, grace_s=grace_s))
        await asyncio.sleep(0)  # the server listens after its first step
        try:
            yield address
        finally:
            stopping.set()
