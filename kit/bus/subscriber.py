"""Subscriber to live messages of one exchange, without acknowledgement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError

from kit.bus.exchanges import Exchange, declare
from kit.ids import new_id
from kit.runtime.cancellation import being_cancelled
from kit.runtime.logs import Log
from kit.runtime.traces import NO_TRACES, Traces

BIND_TIMEOUT_S = 5.0
# Hints that may wait for a slow gateway before the oldest go; it then sees the gap and asks.
LIVE_BOUND = 10_000


class LiveSubscriber:
    """Takes what is said now, into a queue of its own that ends with the connection and has a new name at each.

    `handle` gets (routing key, body), one at a time, and must not wait. `fresh` is called when the queue is bound, before anything
    arrives: whatever was said until then was missed.
    """

    def __init__(
        self,
        exchange: Exchange,
        owner: str,
        *,
        handle: Callable[[str, bytes], None],
        fresh: Callable[[], None],
        log: Log,
        keys: Sequence[str] = ("",),
        traces: Traces = NO_TRACES,
    ) -> None:
        self._spec = exchange
        self._owner = owner
        self._handle = handle
        self._fresh = fresh
        self._log = log
        self._keys = set(keys)
        self._traces = traces
        self._queue: AbstractQueue | None = None

    async def attach(self, connection: AbstractConnection) -> None:
        channel = await connection.channel(publisher_confirms=False)
        await declare(channel, self._spec)
        queue = await channel.declare_queue(
            f"{self._owner}.{new_id()}",
            exclusive=True,
            auto_delete=True,
            arguments={"x-max-length": LIVE_BOUND, "x-overflow": "drop-head"},
        )
        self._queue = queue
        bound: set[str] = set()
        while missing := self._keys - bound:  # some may be followed meanwhile
            for key in missing:
                await queue.bind(self._spec.name, key)
            bound |= missing
        self._fresh()
        await queue.consume(self._take, no_ack=True)

    def detach(self) -> None:
        self._queue = None

    async def follow(self, key: str) -> None:
        """Takes one more key, now and at every later connection. While the broker is away it is only remembered."""
        self._keys.add(key)
        if self._queue is not None:
            await _attempted(self._queue.bind(self._spec.name, key))

    async def unfollow(self, key: str) -> None:
        """The other way round."""
        self._keys.discard(key)
        if self._queue is not None:
            await _attempted(self._queue.unbind(self._spec.name, key))

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            with self._traces.taking(self._spec.name, message.headers):
                self._handle(message.routing_key or "", message.body)
        except Exception:  # noqa: BLE001 - one bad message must not end the subscription
            self._log.exception("a live message could not be handled", key=message.routing_key)


async def _attempted(change: Awaitable[object]) -> None:
    """A change of a queue that the next connection makes anyway."""
    try:
        async with asyncio.timeout(BIND_TIMEOUT_S):
            await change
    except asyncio.CancelledError:
        if being_cancelled():
            raise
    except (AMQPError, OSError, TimeoutError, RuntimeError):
        return
