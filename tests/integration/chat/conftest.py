from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from tests.integration.chat.running_chat import Running, running_chat

Mongo = Database[dict[str, Any]]


@pytest.fixture
async def chat(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[Running]:
    """A chat process."""
    async with running_chat(mongodb_url, vhost_url, database_prefix, tmp_path) as running:
        yield running


@pytest.fixture
async def second(
    chat: Running, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[Running]:
    """Another one on the same database and broker."""
    async with running_chat(mongodb_url, vhost_url, database_prefix, tmp_path) as running:
        yield running


@pytest.fixture
def database(mongodb_url: str, database_prefix: str) -> Iterator[Mongo]:
    """Chat's own database, to look into and to leave as a crash would."""
    with MongoClient[dict[str, Any]](mongodb_url) as client:
        yield client[f"{database_prefix}_chat"]
