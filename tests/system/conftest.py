"""One stack for all tests of the system: two gateways, two chat processes, every backend real."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pymongo import MongoClient

from kit.mongo import Document
from tests.support.people import Agent, Visitor, agent_at, visitor_at
from tests.support.protocol_client import Browser
from tests.support.running import Running
from tests.support.scans import scans, watch
from tests.support.stack import QUICK_PASSWORDS, Stack
from tests.system.second_site import EMAIL, PASSWORD, SITE, make_second_site

SETTINGS = {
    "PALIQUE_REPLICAS": "gateway=2,chat=2",
    "PALIQUE_STACK_ENV_GATEWAY_2_PALIQUE_PASSWORD_MEMORY_KIB": "64",
    **QUICK_PASSWORDS,
}
# The default prefix of a stack's databases.
PREFIX = "palique"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The stack, started once as a person starts it; a test may choose another version of a process."""
    stack = Stack(tmp_path_factory.mktemp("palique"), SETTINGS, "tests.upgrade.stack")
    try:
        stack.start()
        with MongoClient[Document](str(stack.described["mongodb"]["url"])) as client:
            watch(client, PREFIX)
            yield Running(stack.home)
            # Of all tests on this stack.
            found = scans(client, PREFIX)
        assert not found, "\n".join(map(str, found))
    finally:
        stack.stop()


@pytest.fixture
async def visitor(running: Running) -> AsyncIterator[Visitor]:
    """A new visitor on the first gateway."""
    async with visitor_at(running, 0) as found:
        yield found


@pytest.fixture
async def agent(running: Running) -> AsyncIterator[Agent]:
    """An agent on the second gateway."""
    async with agent_at(running, 1, "agent@palique.test") as found:
        yield found


@pytest.fixture
async def other_site_agent(running: Running) -> AsyncIterator[Browser]:
    """An agent of another site, signed in on the first gateway."""
    await make_second_site(running)
    async with Browser(running.public(0), SITE) as browser:
        await browser.sign_in(EMAIL, PASSWORD)
        yield browser
