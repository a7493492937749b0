"""Who is on the site now: the list, and what it tells without a click."""

import re

from playwright.async_api import expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive


async def test_the_list_follows_visitors_without_a_reload(agent: Person, visitor: Person, public: str) -> None:
    """S-10, S-14, S-15, S-20."""
    row = agent.row_of(visitor)
    await expect(row).to_have_count(0)
    await visitor.visit(public)
    await expect(row).to_have_count(1)
    link = row.get_by_role("link", name=re.compile("Barro"))
    await expect(link).to_have_attribute("href", f"{public}/demo?who={visitor.tag}")
    await visitor.visit(public, "/demo/vase")
    await expect(row).to_contain_text("/demo/vase")
    await expect(row.get_by_role("link", name=re.compile("Vase"))).to_be_visible()
    # A navigation within the page counts, too.
    await visitor.page.evaluate(
        "history.pushState(null, '', location.href + '&glaze=blue'); document.title = 'Blue vase'"
    )
    await expect(row).to_contain_text("Blue vase")
    await visitor.context.close()
    await expect(row).to_have_count(0)


async def test_the_live_number_is_that_of_the_rows(agent: Person, arrive: Arrive, public: str) -> None:
    """S-11, S-33, I-32."""
    page = agent.page
    for _ in range(2):
        someone = await arrive()
        await someone.visit(public)
        await expect(agent.row_of(someone)).to_have_count(1)
    # Those of other tests may leave meanwhile: the three figures agree once nothing moves.
    agree = """() => {
        const number = (id) => document.querySelector(`[data-testid=${id}]`)?.textContent.trim();
        const rows = `${document.querySelectorAll('.vline:not(.vline-gone)').length}`;
        return number('online-number') === rows && number('master-online') === rows;
    }"""
    await page.wait_for_function(agree)


async def test_the_list_alone_tells_from_where_and_with_what(agent: Person, arrive: Arrive, public: str) -> None:
    """S-05, S-16, S-19."""
    someone = await arrive(
        user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
    )
    await someone.visit(public, "/demo/bowl")
    row = agent.row_of(someone)
    await expect(row).to_contain_text("Local")
    await expect(row).to_contain_text("Firefox")
    await expect(row).to_contain_text("Windows")
    await expect(row).to_contain_text("/demo/bowl")


async def test_visits_are_sessions_and_chats_those_that_the_visitor_started(
    agent: Person, visitor: Person, public: str
) -> None:
    """S-21, S-22, I-11."""
    await visitor.visit(public)
    row = agent.row_of(visitor)
    visits, chats = row.locator(".vcell-visits"), row.locator(".vcell-chats")
    await expect(visits).to_contain_text("1")
    await expect(chats).to_contain_text("0")
    await visitor.page.reload()
    second = await visitor.context.new_page()
    await second.goto(f"{public}/demo/cart?who={visitor.tag}")
    await expect(row).to_contain_text("/demo/cart")
    await expect(row).to_have_count(1)
    await expect(visits).to_contain_text("1")
    # A chat that the agent starts is not the visitor's.
    await row.get_by_role("button", name=re.compile("^Chat with")).click()
    box = agent.box(await agent.name_of(visitor))
    await agent.reply(box, "May I help you?")
    await expect(row).to_contain_text("In a chat")
    await expect(chats).to_contain_text("0")


async def test_the_visitors_name_opens_the_whole_dialogue(agent: Person, visitor: Person, public: str) -> None:
    """S-17, S-23."""
    await visitor.visit(public)
    await agent.row_of(visitor).locator(".vname").click()
    dialogue = agent.page.get_by_role("dialog")
    for title in ("User details", "Notes", "Location and computer", "Last visited pages", "Earlier chats"):
        await expect(dialogue.get_by_role("heading", name=title)).to_be_visible()
    await agent.page.keyboard.press("Escape")
    await expect(dialogue).to_have_count(0)
