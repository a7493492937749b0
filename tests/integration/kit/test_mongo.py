"""Metrics of a process about its database."""

import threading
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from pymongo.errors import PyMongoError

from devstack.shared_backends import shared_mongodb
from kit.mongo import close, connect
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
    close(client)


async def test_a_close_returns_at_once_and_ends_the_client(mongodb_url: str) -> None:
    """The driver joins its monitors, up to a second each: in the event loop that would delay every connection."""
    registry = CollectorRegistry()
    client = connect(mongodb_url, app="test", registry=registry)
    await client.admin.command("ping")
    close(client)
    assert any(thread.name == "mongo-close" for thread in threading.enumerate()), threading.enumerate()
    await eventually(lambda: registry.get_sample_value("palique_mongo_connected") == 0, sentence="the client is closed")
