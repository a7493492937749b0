"""Chats that wait for an agent."""

import httpx
import pytest_asyncio
from playwright.async_api import StorageState, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.tidy import end_chats


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def no_other_chat_waits(public: str, sessions: dict[str, StorageState]) -> None:
    """The next waiting chat is that of the test."""
    cookies = {cookie["name"]: cookie["value"] for cookie in sessions["admin"]["cookies"]}
    async with httpx.AsyncClient(trust_env=False, cookies=cookies, verify=False) as http:
        answer = await http.get(f"{public}/api/v1/chats", params={"status": "waiting"})
        answer.raise_for_status()
    await end_chats(public, sessions["admin"], [chat["conversation"] for chat in answer.json()["items"]])
    await end_chats(public, sessions["agent2"])


async def asks(visitor: Person, public: str, text: str) -> None:
    """The visitor comes and waits for an agent."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write(text)
    await visitor.widget.get_by_text(text).wait_for()


async def two_waiting(agent: Person, arrive: Arrive, public: str) -> tuple[list[Person], list[str]]:
    """Two visitors whose questions the agent sees, and their names."""
    people = [await arrive() for _ in range(2)]
    names = []
    for number, one in enumerate(people):
        await asks(one, public, f"Question {number}")
        await expect(agent.row_of(one)).to_contain_text(f"Question {number}")
        names.append(await agent.name_of(one))
    assert names[0] != names[1], "tests find the chats by these names"
    return people, names
