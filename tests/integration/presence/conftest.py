from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.presence.settings import Settings
from tests.integration.presence.service import Clock, Service, running, settings_for


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence_settings(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=vhost_url, mongodb_prefix=database_prefix)


@pytest.fixture
async def presence(presence_settings: Settings, clock: Clock) -> AsyncIterator[Service]:
    """One process."""
    async with running(presence_settings, clock) as service:
        yield service
