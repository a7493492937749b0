"""People in WebKit and Firefox. The stack is that of the tests in Chromium."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import StorageState

from tests.browser.engines.browsers import display, firefox, webkit
from tests.browser.engines.people import Agent, Visitor
from tests.browser.engines.webdriver import Tab
from tests.browser.tidy import end_chats

# Opens a browser with an empty profile; takes preferences of Firefox.
Open = Callable[..., Awaitable[Tab]]


class Pair(NamedTuple):
    """Each has a browser of their own."""

    visitor: Visitor
    agent: Agent


@pytest_asyncio.fixture(loop_scope="session", params=["webkit", "firefox"])
async def open_browser(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        screen = await stack.enter_async_context(display()) if request.param == "webkit" else ""
        count = 0

        async def opened(preferences: Mapping[str, object] | None = None) -> Tab:
            nonlocal count
            count += 1
            home = tmp_path / str(count)
            home.mkdir()
            return await stack.enter_async_context(webkit(screen, home) if screen else firefox(home, preferences))

        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def pair(open_browser: Open, sessions: dict[str, StorageState], public: str) -> AsyncIterator[Pair]:
    """A visitor at the shop, and a signed-in agent, whose chats end with the test."""
    visitor, agent = await asyncio.gather(open_browser(), open_browser())
    pair = Pair(Visitor(visitor), Agent(agent))
    await asyncio.gather(pair.visitor.visit(public), pair.agent.sign_in(public, "agent@palique.test"))
    yield pair
    await end_chats(public, sessions["agent"])
