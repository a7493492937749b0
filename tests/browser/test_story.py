"""The main job in a real browser: a visitor and an agent see each other and talk; the talk becomes a log and a ticket."""

import re

from playwright.async_api import expect

from tests.browser.chromium import Person


async def test_a_talk_from_the_first_page_to_the_ticket(visitor: Person, agent: Person, public: str) -> None:
    """S-01, S-09, S-11, S-14 … S-22, S-30 … S-39, S-51 … S-57, W-01 … W-03."""
    page = agent.page
    await visitor.page.goto(f"{public}/demo")
    row = page.get_by_role("row").filter(has_text="Barro")
    await expect(row).to_contain_text("Local")
    await expect(page.get_by_role("link", name=re.compile("Online visitors.*1"))).to_be_visible()
    await visitor.page.get_by_role("link", name=re.compile("Teapot")).first.click()
    await expect(page.get_by_role("row").filter(has_text="/demo/teapot")).to_be_visible()

    await visitor.open_chat()
    await visitor.write("Is the blue teapot in stock?")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("Is the blue teapot in stock?")
    await visitor.shot("story-1-visitor-waits")
    await agent.shot("story-2-agent-sees-who-waits")
    await page.get_by_role("button", name=re.compile("^Chats.*Waiting")).click()
    await page.get_by_role("button", name="Accept").first.click()
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Is the blue teapot in stock?")
    composer = page.get_by_role("textbox", name=re.compile("Write a message"))
    await composer.fill("It is. Shall I put one aside?")
    await composer.press("Enter")
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

    await page.get_by_role("button", name="Maximise").click()
    await page.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name="Ticket from chat").click()
    await expect(page.get_by_text(re.compile("ticket #1 of the chat"))).to_be_visible()
    await agent.shot("story-5-ticket")
    await page.get_by_role("button", name=re.compile("^Visitor [0-9A-F]{4}")).last.click()
    await page.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name="Close session").click()
    await page.get_by_role("button", name="Close session").last.click()
    await expect(visitor.widget.get_by_role("log")).to_contain_text("The chat was closed")
    await visitor.shot("story-6-visitor-is-told")

    await page.goto(f"{public}/dashboard/")
    await page.get_by_role("link", name="Chat logs").click()
    await expect(page.get_by_role("row").filter(has_text="Berta Agent")).to_be_visible()
    await agent.shot("story-7-logs")
    await page.get_by_role("link", name="Tickets").click()
    await expect(page.get_by_role("row").filter(has_text="#1")).to_be_visible()
    await agent.shot("story-8-tickets")
