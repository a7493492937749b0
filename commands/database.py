"""The database that the environment names, for the length of one command."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from prometheus_client import CollectorRegistry

from kit.config.loader import load, setting
from kit.mongo import Client, connect


class DatabaseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a service is told of its database; a command that writes to several needs a user who may."""

    mongodb_url: Annotated[str, setting("The database", confidential="mongodb_url")]
    mongodb_prefix: str = "palique"
    mode: str = "production"


@asynccontextmanager
async def database(environ: Mapping[str, str]) -> AsyncIterator[tuple[Client, str]]:
    """The client, and what the databases' names begin with."""
    settings = load(DatabaseSettings, environ)
    client = connect(settings.mongodb_url, app="command", registry=CollectorRegistry())
    try:
        yield client, settings.mongodb_prefix
    finally:
        # It says goodbye to the server and waits for an answer.
        await asyncio.to_thread(client.close)
