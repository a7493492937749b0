"""Pages that a browser loaded from the last release, and gateways of the working tree behind them."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import Person, chromium, person
from tests.upgrade.conftest import ORDER, Installation

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]
# Removed by a new page load.
MARK = "window.loadedBefore = true"


async def test_an_old_dashboard_and_an_old_widget_go_on_until_they_are_loaded_again(installation: Installation) -> None:
    public = installation.bench.gateways[0]
    async with chromium() as browser, person(browser) as visitor, person(browser) as agent:
        await agent.sign_in(public, "agent@palique.test")
        await visitor.visit(public)
        await visitor.open_chat()
        await visitor.write("Before the upgrade")
        name = await agent.name_of(visitor)
        await accept(agent, name)
        box = agent.box(name)
        for one in (agent, visitor):
            await one.page.evaluate(MARK)
        for process in ORDER:
            await installation.upgrade(process)
            await visitor.write(f"With a new {process}")
            await expect(box.get_by_text(f"With a new {process}")).to_be_visible()
            await agent.reply(box, f"Answer with a new {process}")
            await expect(visitor.widget.get_by_text(f"Answer with a new {process}")).to_be_visible()
        for one in (agent, visitor):
            assert await is_the_loaded_page(one.page), "a page was loaded again by itself"
            assert one.errors == []
            await one.page.reload()
        await visitor.open_chat()
        await expect(visitor.widget.get_by_text("Before the upgrade")).to_be_visible()
        await visitor.write("After the reload")
        await expect(agent.box(name).get_by_text("After the reload")).to_be_visible()
        assert visitor.errors == agent.errors == []
        for process in reversed(ORDER):
            await installation.downgrade(process)


async def is_the_loaded_page(page: Page) -> bool:
    return bool(await page.evaluate("window.loadedBefore === true"))


async def accept(agent: Person, name: str) -> None:
    """In the dashboard of the last release, whose list of chats shows names only."""
    await agent.chats_button.click()
    waiting = agent.chats.get_by_role("listitem").filter(has_text=name)
    await waiting.get_by_role("button", name="Accept").click()
    await agent.chats_button.click()
