"""People in front of browsers, for the system's tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from tests.system.protocol_client import Browser, Client
from tests.system.running import Running


class Visitor(NamedTuple):
    browser: Browser
    client: Client


class Agent(NamedTuple):
    browser: Browser
    client: Client


@asynccontextmanager
async def visitor_at(running: Running, gateway: int, site: str = "demo") -> AsyncIterator[Visitor]:
    """A new visitor on a page."""
    async with Browser(running.public(gateway), site) as browser, browser.as_visitor() as client:
        yield Visitor(browser, client)


@asynccontextmanager
async def agent_at(running: Running, gateway: int, email: str) -> AsyncIterator[Agent]:
    """An agent with the dashboard open."""
    async with Browser(running.public(gateway)) as browser:
        await browser.sign_in(email)
        async with browser.as_agent() as client:
            yield Agent(browser, client)
