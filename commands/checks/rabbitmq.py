"""The check of RabbitMQ: it is reachable, and its version is supported."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit
from uuid import uuid4

import aio_pika
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import AMQPError

from commands.checks.dns import require_names
from commands.checks.failure import CheckFailed
from commands.unable import first_line
from kit.bus.connection import ALARM, CONNECT_TIMEOUT_S, close

SINCE = (3, 10)
_NEEDED = "3.10 or newer"
# It confirms within milliseconds.
CONFIRM_S = 3.0


async def check(url: str) -> str:
    """The broker's version and cluster."""
    host = urlsplit(url).hostname or "localhost"
    await require_names([host], "PALIQUE_AMQP_URL")
    try:
        connection = await aio_pika.connect(url, timeout=CONNECT_TIMEOUT_S)
    except Exception as error:  # noqa: BLE001 - every failure to connect is a result to print
        raise CheckFailed(f"{host} refuses the connection of PALIQUE_AMQP_URL: {_reason(error)}") from None
    try:
        transport = connection.transport
        properties: Mapping[str, object] = transport.connection.server_properties if transport is not None else {}
        version = str(properties.get("version", "?"))
        if found := fault(str(properties.get("product", "?")), version):
            raise CheckFailed(f"{host} of PALIQUE_AMQP_URL {found}")
        if not await _takes_messages(connection):
            raise CheckFailed(f"{host} of PALIQUE_AMQP_URL {ALARM}")
    finally:
        await close(connection)
    return f"{version}, {properties.get('cluster_name', '')}"


async def _takes_messages(connection: AbstractConnection) -> bool:
    """Sends two messages to no queue. A broker with an alarm reads nothing more after the first."""
    try:
        async with asyncio.timeout(CONFIRM_S):
            for _ in range(2):
                # A broker that refuses them has read them.
                with suppress(AMQPError):
                    channel = await connection.channel()
                    await channel.default_exchange.publish(aio_pika.Message(b"?"), uuid4().hex, mandatory=False)
    except TimeoutError:
        return False
    return True


def fault(product: str, version: str) -> str | None:
    """Why this broker does not serve, after its name; None when it does."""
    if product != "RabbitMQ":
        return f"is {product} {version}; use RabbitMQ {_NEEDED}"
    major, _, rest = version.partition(".")
    minor = rest.partition(".")[0]
    if not (major.isdecimal() and minor.isdecimal()):
        return f"has the unknown version {version}; use RabbitMQ {_NEEDED}"
    if (int(major), int(minor)) < SINCE:
        return f"has RabbitMQ {version}, which is too old; upgrade it to {_NEEDED}"
    return None


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {first_line(error)}"
