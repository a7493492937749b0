"""The public server of a gateway around any ASGI application, without the services behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.types import ASGIApp

from kit.runtime.accept_queue import AcceptQueue
from kit.runtime.connection_bounds import ConnectionBounds
from kit.runtime.http_protocol import DEADLINES, Deadlines
from kit.runtime.http_server import serve_http
from kit.runtime.peer_faults import PeerFaults
from services.gateway.connection.server_config import public_config
from services.gateway.connection.transport import FlushQueues
from services.gateway.overload.loop_slices import LoopSlicer
from tests.support.claimed_ports import claimed_ports


@asynccontextmanager
async def bare_server(
    folder: Path,
    app: ASGIApp,
    *,
    registry: CollectorRegistry | None = None,
    grace_s: float = 1.0,
    deadlines: Deadlines = DEADLINES,
    bounds: ConnectionBounds | None = None,
) -> AsyncIterator[str]:
    """Yields the address; stops the server at the end."""
    address, stopping = f"127.0.0.1:{claimed_ports(folder / 'ports.json').port('bare')}", asyncio.Event()
    queues = FlushQueues(LoopSlicer(1), LoopSlicer(1), LoopSlicer(1))
    faults = PeerFaults(registry or CollectorRegistry())
    config = public_config(app, address, queues, faults)
    queue = AcceptQueue(
        ConnectionBounds(1000, 1000) if bounds is None else bounds,
        faults,
        network_of=lambda address: address,
        head_s=deadlines.head_s,
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(serve_http(config, queue, stopping, grace_s=grace_s, faults=faults, deadlines=deadlines))
        await asyncio.sleep(0)  # the server listens after its first step
        try:
            yield address
        finally:
            stopping.set()
