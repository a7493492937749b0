from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from services.presence.settings import Settings
from tests.integration.presence.service import Service, running, settings_for
from tests.support.backends import AnyBackend, module_vhost
from tests.support.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def presence_vhost(rabbitmq: AnyBackend) -> Iterator[str]:
    """One virtual host for all tests: no delta outlives its test."""
    with module_vhost(rabbitmq) as url:
        yield url


@pytest.fixture
def presence_settings(mongodb_url: str, presence_vhost: str, database_prefix: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=presence_vhost, mongodb_prefix=database_prefix)


@pytest.fixture
async def presence(presence_settings: Settings, clock: Clock) -> AsyncIterator[Service]:
    """One process."""
    async with running(presence_settings, clock) as service:
        yield service
