"""Subscriber to live messages of one exchange, without acknowledgement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError
from prometheus_client import CollectorRegistry, Counter

from kit.bus.contract import InvalidMessage
from kit.bus.exchanges import Exchange, declare
from kit.ids import new_id
from kit.runtime.cancellation import being_cancelled
from kit.runtime.logs import Log
from kit.runtime.traces import NO_TRACES, Traces

BIND_TIMEOUT_S = 5.0
# Messages that wait for a slow gateway before the oldest are dropped; it then detects the gap and catches up.
MAX_LIVE_MESSAGES = 10_000


def invalid_messages_counter(registry: CollectorRegistry) -> Counter:
    """Counter of the live messages that this process dropped because they fit no contract, by exchange."""
    return Counter(
        "palique_live_messages_invalid",
        "Live messages dropped because they fit no contract.",
        ["exchange"],
        registry=registry,
    )


class LiveSubscriber:
    """Receives live messages through an exclusive queue that ends with the connection.

    `handle` gets (routing key, body), one at a time, and must not block; InvalidMessage drops the message. `on_attached` is called
    once the queue is bound, before any message arrives: messages published until then were missed. `invalid` is the result of
    `invalid_messages_counter`: one for all subscribers of a process.
    """

    def __init__(
        self,
        exchange: Exchange,
        owner: str,
        *,
        handle: Callable[[str, bytes], None],
        on_attached: Callable[[], None],
        log: Log,
        invalid: Counter,
        keys: Sequence[str] = ("",),
        traces: Traces = NO_TRACES,
    ) -> None:
        self._spec = exchange
        self._owner = owner
        self._handle = handle
        self._on_attached = on_attached
        self._log = log
        self._invalid = invalid.labels(exchange.name)
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
            arguments={"x-max-length": MAX_LIVE_MESSAGES, "x-overflow": "drop-head"},
        )
        self._queue = queue
        bound: set[str] = set()
        while missing := self._keys - bound:  # `follow` may add keys meanwhile
            for key in missing:
                await queue.bind(self._spec.name, key)
            bound |= missing
        self._on_attached()
        await queue.consume(self._take, no_ack=True)

    def detach(self) -> None:
        self._queue = None

    async def follow(self, key: str) -> None:
        """Binds one more key, now and at every later connection. Only remembered while the broker is unreachable."""
        self._keys.add(key)
        if self._queue is not None:
            await _attempted(self._queue.bind(self._spec.name, key))

    async def unfollow(self, key: str) -> None:
        """Removes a key, now and for later connections."""
        self._keys.discard(key)
        if self._queue is not None:
            await _attempted(self._queue.unbind(self._spec.name, key))

    async def _take(self, message: AbstractIncomingMessage) -> None:
        try:
            with self._traces.taking(self._spec.name, message.headers):
                self._handle(message.routing_key or "", message.body)
        except InvalidMessage as error:
            self._invalid.inc()
            self._log.warning(
                "invalid live message dropped", exchange=self._spec.name, key=message.routing_key, reason=str(error)
            )
        except Exception:  # noqa: BLE001 - one bad message must not end the subscription
            self._log.exception("live message handling failed", key=message.routing_key)


async def _attempted(change: Awaitable[object]) -> None:
    """Tries a change of bindings; after a failure the next connection makes it."""
    try:
        async with asyncio.timeout(BIND_TIMEOUT_S):
            await change
    except asyncio.CancelledError:
        if being_cancelled():
            raise
    except (AMQPError, OSError, TimeoutError, RuntimeError):
        return
