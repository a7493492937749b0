from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from kit.mongo import Document
from tests.integration.chat.bus_ear import Ear, listening
from tests.integration.chat.running_chat import Running, running_chat
from tests.support.proxy import Proxy

Mongo = Database[Document]


@pytest.fixture
async def chat(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[Running]:
    """A chat process."""
    async with running_chat(mongodb_url, vhost_url, database_prefix, tmp_path) as running:
        yield running


@pytest.fixture
async def second(
    chat: Running, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[Running]:
    """A second process on the same database and broker."""
    async with running_chat(mongodb_url, vhost_url, database_prefix, tmp_path) as running:
        yield running


@pytest.fixture
def database(mongodb_url: str, database_prefix: str) -> Iterator[Mongo]:
    """The chat database, to inspect it and to leave it as a crash would."""
    with MongoClient[Document](mongodb_url) as client:
        yield client[f"{database_prefix}_chat"]


@pytest.fixture
async def ear(vhost_url: str) -> AsyncIterator[Ear]:
    """Receives hints and facts from the start of the test."""
    async with listening(vhost_url) as ear:
        yield ear


@pytest.fixture
async def broker_proxy(vhost_url: str) -> AsyncIterator[Proxy]:
    """Proxy between a chat process and the broker."""
    async with Proxy.before(vhost_url) as proxy:
        yield proxy


@pytest.fixture
async def database_proxy(mongodb_url: str) -> AsyncIterator[Proxy]:
    """Proxy between a chat process and the database."""
    async with Proxy.before(mongodb_url) as proxy:
        yield proxy


@asynccontextmanager
async def away(proxy: Proxy) -> AsyncIterator[None]:
    """The server behind the proxy is unreachable in the block: connections are reset, new ones refused."""
    await proxy.__aexit__(None, None, None)
    try:
        yield
    finally:
        await proxy.__aenter__()
