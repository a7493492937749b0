"""The exchanges of RabbitMQ that all services share, and how a channel declares them."""

from typing import NamedTuple

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractExchange


class Exchange(NamedTuple):
    name: str
    kind: aio_pika.ExchangeType
    durable: bool


LIVE = Exchange("palique.live", aio_pika.ExchangeType.FANOUT, durable=False)
PRESENCE = Exchange("palique.presence", aio_pika.ExchangeType.DIRECT, durable=False)
EVENTS = Exchange("palique.events", aio_pika.ExchangeType.TOPIC, durable=True)
DEAD = Exchange("palique.dead", aio_pika.ExchangeType.TOPIC, durable=True)


class BusDown(Exception):
    """There is no broker right now, or it did not take the message."""


async def declare(channel: AbstractChannel, exchange: Exchange) -> AbstractExchange:
    """Makes sure that the exchange is there; every participant does, so the order of start-up does not matter."""
    return await channel.declare_exchange(exchange.name, exchange.kind, durable=exchange.durable)
