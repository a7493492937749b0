"""The MongoDB client of one command, from the environment."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from prometheus_client import CollectorRegistry

from kit.config.loader import load, setting
from kit.mongo import Client, connect


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The database settings of a service. A command that writes to several databases needs a user with access to each."""

    mongodb_url: Annotated[str, setting("The database", confidential="mongodb_url")]
    mongodb_prefix: str = "palique"
    mode: str = "production"
    private_network: bool = False


@asynccontextmanager
async def database(environ: Mapping[str, str]) -> AsyncIterator[tuple[Client, str]]:
    """The client and the prefix of the database names. The client is closed after the block."""
    settings = load(DatabaseSettings, environ)
    client = connect(settings.mongodb_url, app="command", registry=CollectorRegistry())
    try:
        yield client, settings.mongodb_prefix
    finally:
        # close() ends the sessions at the server and waits for the reply, so it must not block the loop.
        await asyncio.to_thread(client.close)
