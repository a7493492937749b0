"""The exchanges of RabbitMQ that all services share, and how a channel declares them."""

from typing import NamedTuple

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange

from kit import facts


class Exchange(NamedTuple):
    name: str
    kind: aio_pika.ExchangeType
    durable: bool


LIVE = Exchange("palique.live", aio_pika.ExchangeType.FANOUT, durable=False)
PRESENCE = Exchange("palique.presence", aio_pika.ExchangeType.DIRECT, durable=False)
EVENTS = Exchange(facts.EXCHANGE, aio_pika.ExchangeType.TOPIC, durable=True)
DEAD = Exchange("palique.dead", aio_pika.ExchangeType.TOPIC, durable=True)


class BusDown(Exception):
    """The broker is unreachable, or did not accept the message."""


async def declare(channel: AbstractChannel, exchange: Exchange) -> AbstractExchange:
    """Declares the exchange. Every client does so, hence the order of start-up does not matter."""
    return await channel.declare_exchange(exchange.name, exchange.kind, durable=exchange.durable)
