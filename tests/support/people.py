"""People in front of browsers, for the system's tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from tests.support.protocol_client import Browser, Client
from tests.support.running import Running


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


async def talk(visitor: Visitor, agent: Agent) -> str:
    """A short talk, closed by the agent."""
    conversation = str((await visitor.client.send("Where is my parcel?", None))["conversation"])
    await agent.client.hear_type("conversation", conversation=conversation)
    assert (await agent.client.ask("accept", conversation=conversation))["ok"]
    await agent.client.send("On its way.", conversation)
    assert (await agent.client.ask("close", conversation=conversation))["ok"]
    return conversation
