"""A gRPC service that runs in the test's event loop."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

import grpc

# The process must stop within this time, and start within it.
MAX_WAIT_S = 15
# The channel connects before the server listens, so the first try fails.
OPTIONS = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.max_reconnect_backoff_ms", 50)]


@asynccontextmanager
async def served(
    serving: Coroutine[object, object, None], address: str, stopping: asyncio.Event
) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to the service, which runs until the block ends and then stops at `stopping`."""
    process = asyncio.create_task(serving)
    try:
        async with grpc.aio.insecure_channel(address, options=OPTIONS) as channel:
            ready = asyncio.create_task(channel.channel_ready())
            await asyncio.wait((ready, process), return_when=asyncio.FIRST_COMPLETED, timeout=MAX_WAIT_S)
            if process.done():
                await process
            await ready
            yield channel
    finally:
        stopping.set()
        await asyncio.wait_for(process, MAX_WAIT_S)
