"""The main job in a real browser: a visitor and an agent see each other and talk; the talk becomes a log and a ticket."""

import re

from playwright.async_api import expect

from tests.browser.chromium import Person


async def test_a_talk_from_the_first_page_to_the_ticket(visitor: Person, agent: Person, public: str) -> None:
    """S-01, S-09, S-11, S-14 … S-22, S-30 … S-39, S-51 … S-57, W-01 … W-03."""
    page = agent.page
    for one in (visitor, agent):
        await one.page.emulate_media(reduced_motion="no-preference")
    await visitor.visit(public)
    await expect(agent.row_of(visitor)).to_contain_text("Local")
    name = await agent.name_of(visitor)
    row = page.get_by_role("row").filter(has_text=name)
    await expect(page.get_by_role("link", name=re.compile("Online visitors.*[1-9]"))).to_be_visible()
    await visitor.page.get_by_role("link", name=re.compile("Teapot")).first.click()
    await expect(row).to_contain_text("/demo/teapot")

    await visitor.open_chat()
    await visitor.write("Is the blue teapot in stock?")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("Is the blue teapot in stock?")
    await visitor.shot("story-1-visitor-waits")
    await agent.show_chats()
    await agent.shot("story-2-agent-sees-who-waits")
    waiting = agent.chats.get_by_role("listitem").filter(has_text=name)
    await waiting.get_by_role("button", name="Accept").click()
    await agent.hide_chats()
    box = agent.box(name)
    log = box.get_by_role("log")
    await expect(log).to_contain_text("Is the blue teapot in stock?")
    await agent.reply(box, "It is. Shall I put one aside?")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("Shall I put one aside?")
    await expect(visitor.widget.locator("body")).to_contain_text("Berta")
    await agent.shot("story-3-agent-talks")
    await visitor.shot("story-4-visitor-reads")

    await visitor.page.reload()
    await visitor.open_chat()
    await expect(visitor.widget.get_by_text("Is the blue teapot in stock?")).to_have_count(1)
    await visitor.write("Yes, please.")
    await expect(log).to_contain_text("Yes, please.")
    await expect(log.get_by_text("Is the blue teapot in stock?")).to_have_count(1)

    await box.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name="Close session").click()
    await page.get_by_role("button", name="Close session").last.click()
    await expect(visitor.widget.get_by_role("log")).to_contain_text("The chat was closed")
    await visitor.shot("story-5-visitor-is-told")
    await box.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name="Ticket from chat").click()
    await box.get_by_role("link", name=re.compile("Ticket #[0-9]+")).click()
    await expect(page.get_by_role("heading", name=re.compile(name))).to_be_visible()
    await agent.shot("story-6-ticket")

    await page.get_by_role("link", name="Chat logs").click()
    await expect(page.get_by_role("row").filter(has_text=name)).to_be_visible()
    await agent.shot("story-7-logs")
    await page.get_by_role("link", name="Tickets").click()
    await expect(page.get_by_role("row").filter(has_text=name)).to_be_visible()
    await agent.shot("story-8-tickets")
