"""What tests stand on: a real MongoDB and a real RabbitMQ a session, a name of their own in each.

Tests run in several processes side by side, a file in one of them; each process has its own servers.
"""

import os
import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from devstack.mongodb import drop_databases
from devstack.shared_backends import SharedBackend, own_vhost, shared_mongodb, shared_rabbitmq
from tests.support.scans import scans, watch

# A busy machine is no finding: no test asserts a time.
settings.register_profile("palique", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("palique")


@pytest.fixture(scope="session")
def mongodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedBackend]:
    """One server for the session."""
    with shared_mongodb(os.environ.get("PALIQUE_MONGODB_URL"), tmp_path_factory.mktemp("mongodb")) as shared:
        yield shared


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedBackend]:
    """One broker for the session."""
    with shared_rabbitmq(os.environ.get("PALIQUE_AMQP_URL"), tmp_path_factory.mktemp("rabbitmq")) as shared:
        yield shared


@pytest.fixture(scope="session")
def mongodb_url(mongodb: SharedBackend) -> str:
    """A replica set; take `database_prefix` for the databases in it."""
    return mongodb.url


@pytest.fixture(scope="session")
def amqp_url(rabbitmq: SharedBackend) -> str:
    """The broker's default virtual host, which all tests share."""
    return rabbitmq.url


@pytest.fixture(scope="module")
def vhost_url(rabbitmq: SharedBackend) -> Iterator[str]:
    """A virtual host of the module's own, for tests that use the product's names of exchanges and queues."""
    with own_vhost(rabbitmq.backend, f"test-{uuid.uuid4().hex[:12]}") as url:
        yield url


@pytest.fixture
def database_prefix(mongodb_url: str) -> Iterator[str]:
    """Databases called PREFIX_something are this test's own and dropped after it. No query of the product may have been without an index."""
    prefix = f"test-{uuid.uuid4().hex[:12]}"
    watch(mongodb_url, prefix)
    yield prefix
    found = scans(mongodb_url, prefix)
    drop_databases(mongodb_url, prefix)
    assert not found, "\n".join(map(str, found))
