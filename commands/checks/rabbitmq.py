"""The check of RabbitMQ: it is reachable, and its version is supported."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import aio_pika

from commands.checks.dns import require_names
from commands.checks.failure import CheckFailed
from commands.unable import first_line
from kit.bus.connection import CONNECT_TIMEOUT_S

SINCE = (3, 10)
_NEEDED = "3.10 or newer"


async def check(url: str) -> str:
    """The broker's version and cluster."""
    host = urlsplit(url).hostname or "localhost"
    await require_names([host], "PALIQUE_AMQP_URL")
    try:
        connection = await aio_pika.connect(url, timeout=CONNECT_TIMEOUT_S)
    except Exception as error:  # noqa: BLE001 - every failure to connect is a result to print
        raise CheckFailed(f"{host} refuses the connection of PALIQUE_AMQP_URL: {_reason(error)}") from None
    async with connection:
        transport = connection.transport
        properties: Mapping[str, object] = transport.connection.server_properties if transport is not None else {}
    version = str(properties.get("version", "?"))
    if found := fault(str(properties.get("product", "?")), version):
        raise CheckFailed(f"{host} of PALIQUE_AMQP_URL {found}")
    return f"{version}, {properties.get('cluster_name', '')}"


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
