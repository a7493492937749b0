"""A stack with one process of each service, and a Prometheus that scrapes it."""

from collections.abc import Iterator

import pytest

from tests.observability.prometheus import Prometheus, scraping
from tests.support.running import Running
from tests.support.stack import Stack


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    stack = Stack(tmp_path_factory.mktemp("palique"), {})
    try:
        stack.start()
        yield Running(stack.home)
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def prometheus(running: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    with scraping(running, tmp_path_factory.mktemp("prometheus")) as found:
        yield found
