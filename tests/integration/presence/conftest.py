import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from devstack.shared_backends import SharedBackend, own_vhost
from services.presence.settings import Settings
from tests.integration.presence.service import Clock, Service, running, settings_for


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def presence_vhost(rabbitmq: SharedBackend) -> Iterator[str]:
    """One virtual host for all tests: no delta outlives its test."""
    with own_vhost(rabbitmq.backend, f"presence-{uuid.uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture
def presence_settings(mongodb_url: str, presence_vhost: str, database_prefix: str, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, mongodb_url=mongodb_url, amqp_url=presence_vhost, mongodb_prefix=database_prefix)


@pytest.fixture
async def presence(presence_settings: Settings, clock: Clock) -> AsyncIterator[Service]:
    """One process."""
    async with running(presence_settings, clock) as service:
        yield service
