from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.integration.tickets.neighbours import Neighbours, running_neighbours
from tests.integration.tickets.service import Service, running, settings_for


@pytest.fixture
async def tickets(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[Service]:
    """One process; chat and presence are unreachable."""
    settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=vhost_url, mongodb_prefix=database_prefix)
    async with running(settings) as service:
        yield service


@pytest.fixture
async def neighbours(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[Neighbours]:
    """Chat and presence."""
    async with running_neighbours(tmp_path, mongodb_url, vhost_url, database_prefix) as neighbours:
        yield neighbours


@pytest.fixture
async def replicas(
    neighbours: Neighbours, mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> AsyncIterator[list[Service]]:
    """Two tickets processes beside chat and presence."""
    async with AsyncExitStack() as stack:
        both = [
            settings_for(
                tmp_path,
                mongodb_url=mongodb_url,
                amqp_url=vhost_url,
                mongodb_prefix=database_prefix,
                chat_addresses=neighbours.chat.addresses,
                presence_addresses=neighbours.presence.addresses,
            )
            for _ in range(2)
        ]
        yield [await stack.enter_async_context(running(settings)) for settings in both]
