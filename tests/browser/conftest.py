"""One stack and one browser for all tests in Chromium."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import Person, chromium, person
from tests.stack import Stack


@pytest.fixture(scope="session")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the whole product answers."""
    stack = Stack(tmp_path_factory.mktemp("palique-browser"), {})
    stack.start()
    try:
        yield str(stack.described["public"])
    finally:
        stack.stop()


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


@pytest.fixture
async def visitor(browser: Browser) -> AsyncIterator[Person]:
    async with person(browser) as found:
        yield found
        assert found.errors == []


@pytest.fixture
async def agent(browser: Browser, public: str) -> AsyncIterator[Person]:
    """Signed in."""
    async with person(browser) as found:
        await found.sign_in(public, "agent@palique.test")
        yield found
        assert found.errors == []
