"""Publisher to one exchange of RabbitMQ."""

import asyncio

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractExchange
from aio_pika.exceptions import AMQPError

from kit.bus.exchanges import DEAD, EVENTS, BusDown, Exchange, declare
from kit.runtime.cancellation import being_cancelled
from kit.runtime.traces import NO_TRACES, Traces

# A broker on the same network answers in milliseconds; a black hole must not block the caller longer.
PUBLISH_TIMEOUT_S = 5.0


class Publisher:
    """Publishes to one exchange.

    With `confirms`, `publish` returns once every bound queue has the message, on disk if durable. With `mandatory` it raises BusDown
    while no queue is bound, so that facts wait in the outbox until their consumer has started once.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        confirms: bool,
        mandatory: bool = False,
        ttl_s: float | None = None,
        timeout_s: float = PUBLISH_TIMEOUT_S,
        traces: Traces = NO_TRACES,
    ) -> None:
        self._spec = exchange
        self._confirms = confirms
        self._mandatory = mandatory
        self._ttl_s = ttl_s
        self._timeout_s = timeout_s
        self._traces = traces
        self._exchange: AbstractExchange | None = None

    async def attach(self, connection: AbstractConnection) -> None:
        channel = await connection.channel(publisher_confirms=self._confirms, on_return_raises=self._confirms)
        if self._spec is EVENTS:
            await declare(channel, DEAD)
        self._exchange = await declare(channel, self._spec)

    def detach(self) -> None:
        self._exchange = None

    async def publish(self, body: bytes, routing_key: str = "", message_id: str | None = None) -> None:
        """BusDown when the broker is unreachable, refuses the message or does not confirm in time; it may have arrived nevertheless."""
        exchange = self._exchange
        if exchange is None:
            raise BusDown("not connected")
        mode = aio_pika.DeliveryMode.PERSISTENT if self._spec.durable else aio_pika.DeliveryMode.NOT_PERSISTENT
        try:
            with self._traces.publishing(self._spec.name) as headers:
                message = aio_pika.Message(
                    body, headers=headers, delivery_mode=mode, message_id=message_id, expiration=self._ttl_s
                )
                await exchange.publish(message, routing_key, mandatory=self._mandatory, timeout=self._timeout_s)
        except asyncio.CancelledError as error:
            if being_cancelled():
                raise
            raise BusDown("the connection was lost meanwhile") from error
        except (AMQPError, OSError, TimeoutError, RuntimeError) as error:
            raise BusDown(type(error).__name__) from error
