"""Each list of the dashboard is one tab stop, and the arrow keys walk in it."""

import re

from playwright.async_api import Locator, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.guests import WINDOWS, Guest, seated
from tests.browser.keys import Keys
from tests.browser.tidy import end_chats
from tests.browser.waiting import asks, no_other_chat_waits

__all__ = ["no_other_chat_waits"]


async def stops(table: Locator) -> int:
    """How often Tab stops in it."""
    found = (
        "one => [...one.querySelectorAll('a[href], button, select, input')].filter((each) => each.tabIndex >= 0).length"
    )
    return int(await table.evaluate(found))


async def test_the_visitors_are_one_tab_stop(agent: Person, arrive: Arrive, public: str) -> None:
    """W-07: arrow keys reach every control of the table, and the focus stays when a row leaves."""
    page, keys = agent.page, Keys(agent.page)
    people = [await arrive() for _ in range(2)]
    for one in people:
        await one.visit(public)
        await expect(agent.row_of(one)).to_have_count(1)
    grid = page.get_by_role("grid", name="Online visitors")
    names = grid.locator("[data-visitor] .vname")
    await page.get_by_role("button", name="Filters").focus()
    await keys.press("Tab")
    await expect(names.first).to_be_focused()
    assert await stops(grid) == 1
    await keys.press("ArrowDown", "ArrowRight")
    await expect(grid.locator("[data-visitor]").nth(1).locator(".vpage")).to_be_focused()
    await keys.press("ArrowRight", "ArrowUp")
    await expect(grid.locator("[data-visitor]").first.get_by_role("button")).to_be_focused()
    await keys.press("ArrowUp")
    await expect(grid.get_by_role("button", name="Visitor", exact=True)).to_be_focused()
    await keys.press("End")
    await expect(names.last).to_be_focused()
    await keys.press("Home")
    await expect(names.first).to_be_focused()
    # Out of the table with one press, and back to the row.
    await keys.press("ArrowDown", "Tab")
    await expect(grid.locator(":focus")).to_have_count(0)
    await keys.press("Shift+Tab")
    await expect(names.nth(1)).to_be_focused()
    gone = agent.row_of(people[0])
    await gone.locator(".vname").focus()
    await people[0].context.close()
    await expect(gone).to_have_count(0)
    await keys.press("Shift")
    await expect(grid.locator("[data-visitor] :focus")).to_have_count(1)
    assert await stops(grid) == 1


async def test_the_last_of_many_visitors_is_one_key_away(agent: Person, public: str) -> None:
    """Only a part of the rows is rendered."""
    page, keys = agent.page, Keys(agent.page)
    many = [Guest(f"88.0.{n}.7", WINDOWS, "/demo/bowl", f"Bowl {n}") for n in range(150)]
    async with seated(public, many):
        grid = page.get_by_role("grid", name="Online visitors")
        await expect(page.locator(".live-count")).to_contain_text(re.compile(r"1[5-9]\d online"))
        rows = int(await grid.get_attribute("aria-rowcount") or 0)
        await page.get_by_role("button", name="Filters").focus()
        await keys.press("Tab", "End")
        await expect(grid.locator(f"[aria-rowindex='{rows}'] .vname")).to_be_focused()
        await keys.press("ArrowUp")
        await expect(grid.locator(f"[aria-rowindex='{rows - 1}'] .vname")).to_be_focused()
        await keys.press("Home")
        await expect(grid.locator("[aria-rowindex='2'] .vname")).to_be_focused()


async def test_the_list_of_chats_is_one_tab_stop(agent: Person, arrive: Arrive, public: str) -> None:
    page, keys = agent.page, Keys(agent.page)
    names = []
    for number in range(2):
        visitor = await arrive()
        await asks(visitor, public, f"Question {number}")
        await expect(agent.row_of(visitor)).to_contain_text(f"Question {number}")
        names.append(await agent.name_of(visitor))
    await agent.chats_button.focus()
    await keys.press("Enter")
    rows = agent.chats.get_by_role("listitem")
    await expect(rows.nth(1)).to_be_visible()
    assert await stops(agent.chats.locator(".chats-body")) == 1
    await keys.to(names[0], "Shift+Tab")
    await keys.press("ArrowDown", "ArrowRight")
    await expect(rows.nth(1).get_by_role("button", name="Accept")).to_be_focused()
    await keys.press("Enter")
    await expect(agent.box(names[1]).get_by_role("textbox")).to_be_focused()
    # Escape closes the list, and the focus returns to where it was opened from.
    await agent.chats.get_by_role("button").last.focus()
    await keys.press("Escape")
    await expect(agent.chats).to_have_count(0)
    await expect(page.locator(":focus")).to_have_count(1)


async def test_the_tabs_of_chats_are_one_tab_stop(agent: Person, arrive: Arrive, public: str) -> None:
    keys, tabs = Keys(agent.page), agent.page.locator(".dock-tabs")
    first, last = (tabs.locator(".tab-open").nth(number) for number in range(2))
    for number in range(2):
        visitor = await arrive()
        await asks(visitor, public, f"Question {number}")
        box = await agent.accept(visitor)
        await box.get_by_role("textbox", name="Write a message").press("Escape")
    await expect(last).to_be_focused()
    assert await stops(tabs) == 1
    await keys.press("ArrowLeft")
    await expect(first).to_be_focused()
    await keys.press("ArrowLeft", "End")
    await expect(last).to_be_focused()
    await keys.press("Home", "Shift+Tab")
    await expect(agent.chats_button).to_be_focused()
    await keys.press("Tab")
    await expect(first).to_be_focused()


async def test_tickets_and_logs_are_one_tab_stop_each(admin: Person, arrive: Arrive, public: str) -> None:
    page, keys = admin.page, Keys(admin.page)
    for _ in range(2):
        visitor = await arrive()
        await asks(visitor, public, "A ticket, please")
        box = await admin.accept(visitor)
        conversation = await box.get_attribute("data-conversation")
        origin = {"Origin": public}
        await page.request.post(f"{public}/api/v1/chats/{conversation}/ticket", headers=origin)
        await admin.reply(box, "Done")
    await end_chats(public, await admin.context.storage_state())
    for place, title in (("tickets", "Tickets"), ("logs", "Chat logs")):
        await page.goto(f"{public}/dashboard/{place}")
        grid = page.get_by_role("grid", name=title)
        rows = grid.locator(".table-row")
        await expect(rows.nth(1)).to_be_visible()
        assert await stops(grid) == 1
        await page.get_by_role("button", name="Filters").focus()
        await keys.press("Tab")
        await expect(rows.first.locator("a")).to_be_focused()
        await keys.press("ArrowDown", "End", "Home", "ArrowDown")
        await expect(rows.nth(1).locator("a")).to_be_focused()
        name = await keys.where()
        await keys.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        await expect(page.get_by_role("heading", level=1)).to_be_focused()
