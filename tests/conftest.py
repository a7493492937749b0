"""Fixtures for every test: MongoDB and RabbitMQ, with databases and virtual hosts that no other test uses.

Also the order of a run in several processes: the longest files first.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pymongo import MongoClient

from kit.mongo import Document
from tests.support import order
from tests.support.backends import AnyBackend, BackendsOfARun, module_vhost, session_mongodb, session_rabbitmq
from tests.support.databases import Databases

BACKENDS = pytest.StashKey[BackendsOfARun]()

# A busy machine is no finding: no test asserts a time.
settings.register_profile("palique", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("palique")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order.longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> order.LongestFirst:
    config.option.loadscopereorder = False
    return order.LongestFirst(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Runs in the controller of xdist before each worker starts. The first one starts the servers."""
    config: pytest.Config = node.config
    if not order.needs_backends(config) or not BackendsOfARun.possible():
        return
    if BACKENDS not in config.stash:
        config.stash[BACKENDS] = BackendsOfARun()
    node.workerinput["palique_backends"] = str(config.stash[BACKENDS].home)


def pytest_unconfigure(config: pytest.Config) -> None:
    if BACKENDS in config.stash:
        config.stash[BACKENDS].stop()


@pytest.fixture(scope="session")
def backends_home(request: pytest.FixtureRequest) -> Path | None:
    """The folder of the servers that the controller of xdist started; None without a controller."""
    found = getattr(request.config, "workerinput", {}).get("palique_backends")
    return Path(found) if found else None


@pytest.fixture(scope="session")
def mongodb(backends_home: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyBackend]:
    """One server for the run."""
    with session_mongodb(backends_home, tmp_path_factory.mktemp("mongodb")) as shared:
        yield shared


@pytest.fixture(scope="session")
def rabbitmq(backends_home: Path | None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnyBackend]:
    """One broker for the run. What a test does to all of it, other tests feel: such a test starts its own broker."""
    with session_rabbitmq(backends_home, tmp_path_factory.mktemp("rabbitmq")) as shared:
        yield shared


@pytest.fixture(scope="session")
def mongodb_url(mongodb: AnyBackend) -> str:
    """A replica set; take `database_prefix` for the databases in it."""
    return mongodb.url


@pytest.fixture(scope="session")
def amqp_url(rabbitmq: AnyBackend) -> str:
    """The broker's default virtual host, which all tests share."""
    return rabbitmq.url


@pytest.fixture(scope="module")
def vhost_url(rabbitmq: AnyBackend) -> Iterator[str]:
    """A virtual host of the module's own, for tests that use the product's names of exchanges and queues."""
    with module_vhost(rabbitmq) as url:
        yield url


@pytest.fixture(scope="session")
def mongo_client(mongodb_url: str) -> Iterator[MongoClient[Document]]:
    with MongoClient[Document](mongodb_url) as client:
        yield client


@pytest.fixture(scope="session")
def databases(mongo_client: MongoClient[Document]) -> Iterator[Databases]:
    found = Databases(mongo_client)
    yield found
    found.drop()


@pytest.fixture
def database_prefix(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """Databases called PREFIX_something are this test's own. Every query of the product must have used an index.

    They are empty, but may have collections and indexes of an earlier test; with the mark `new_databases` they do not exist.
    """
    new = request.node.get_closest_marker("new_databases") is not None
    prefix = databases.take(new=new)
    yield prefix
    found = databases.give_back(prefix, reusable=not new)
    assert not found, "\n".join(map(str, found))
