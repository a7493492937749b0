"""Metrics of a process about its database."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from pymongo.errors import PyMongoError

from devstack.shared_backends import shared_mongodb
from kit.mongo import connect
from tests.support.eventually import eventually
from tests.support.stack import NO_ENGINE

pytestmark = pytest.mark.slow


async def test_a_database_without_a_primary_shows_in_the_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a primary no command is sent, so no command fails: a metric must show it."""
    monkeypatch.setenv(*NO_ENGINE)
    registry = CollectorRegistry()

    def connected() -> float | None:
        return registry.get_sample_value("palique_mongo_connected")

    with shared_mongodb(None, tmp_path) as shared:
        client = connect(shared.url, app="test", registry=registry)
        assert connected() == 0
        await client.admin.command("ping")
        await eventually(lambda: connected() == 1)
    await eventually(lambda: connected() == 0)
    with pytest.raises(PyMongoError):
        await client.admin.command("ping")
    client.close()
