"""One stack and one browser for all tests in Chromium; each person in a test has a profile.

`PALIQUE_BROWSER_URL` names a stack that runs already, which saves its start while a test is written.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, StorageState

from tests.browser.chromium import Person, chromium, person
from tests.browser.guests import TRUST
from tests.browser.tidy import end_chats
from tests.support.stack import QUICK_PASSWORDS, Stack

# Creates a person of a test: a visitor or a signed-in agent.
Arrive = Callable[..., Awaitable[Person]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share one browser, and so one event loop."""
    for item in items:
        if "browser" in item.path.parts and isinstance(item, pytest.Function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack | None]:
    """The whole product; None when it is one that runs already."""
    if os.environ.get("PALIQUE_BROWSER_URL"):
        yield None
        return
    stack = Stack(tmp_path_factory.mktemp("palique-browser"), TRUST | QUICK_PASSWORDS)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def public(stack: Stack | None) -> str:
    """Where the whole product answers."""
    return os.environ["PALIQUE_BROWSER_URL"] if stack is None else str(stack.described["public"])


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as launched:
        yield launched


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sessions(browser: Browser, public: str) -> dict[str, StorageState]:
    """The cookies of all agents, created once: sign-in has its own test."""
    found = {}
    for name in ("agent", "agent2", "admin"):
        async with await browser.new_context() as context:
            credentials = {"email": f"{name}@palique.test", "password": "palique-demo"}
            answer = await context.request.post(
                f"{public}/api/v1/session", data=credentials, headers={"Origin": public}
            )
            assert answer.ok, await answer.text()
            found[name] = await context.storage_state()
    return found


@pytest_asyncio.fixture(loop_scope="session")
async def arrive(browser: Browser) -> AsyncIterator[Arrive]:
    """Creates people with their own profiles; at the end no script may have failed."""
    async with AsyncExitStack() as stack:
        people: list[Person] = []

        async def come(viewport: dict[str, int] | None = None, **options: object) -> Person:
            people.append(await stack.enter_async_context(person(browser, viewport, **options)))
            return people[-1]

        yield come
        assert [error for one in people for error in one.errors] == []


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(arrive: Arrive) -> Person:
    return await arrive()


@pytest_asyncio.fixture(loop_scope="session")
async def agent(arrive: Arrive, sessions: dict[str, StorageState], public: str) -> AsyncIterator[Person]:
    """Signed in, at the online visitors."""
    found = await arrive(storage_state=sessions["agent"])
    await found.open_dashboard(public)
    yield found
    await end_chats(public, sessions["agent"])


@pytest_asyncio.fixture(loop_scope="session")
async def admin(arrive: Arrive, sessions: dict[str, StorageState], public: str) -> AsyncIterator[Person]:
    """An administrator, signed in."""
    found = await arrive(storage_state=sessions["admin"])
    await found.open_dashboard(public)
    yield found
    await end_chats(public, sessions["admin"])
