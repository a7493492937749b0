from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.tickets.service import Service, running, settings_for


@pytest.fixture
async def tickets(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[Service]:
    """One process, with chat and presence away."""
    settings = settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=vhost_url, mongodb_prefix=database_prefix)
    async with running(settings) as service:
        yield service
