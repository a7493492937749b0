"""The widget follows its site: it waits for consent, and a site that is switched off closes it."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.shop import BACK_MS, button, change_site


@pytest_asyncio.fixture(loop_scope="session")
async def consent(admin: Person, public: str) -> AsyncIterator[None]:
    await change_site(admin, public, consent=True)
    yield
    await change_site(admin, public, consent=False)


async def test_before_consent_nothing_is_stored_or_tracked(
    visitor: Person, agent: Person, consent: None, public: str
) -> None:
    """W-08."""
    page = visitor.page
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    await visitor.visit(public)
    await button(page).click()
    question = page.get_by_role("dialog", name="Before we chat")
    await expect(question).to_be_visible()
    await nothing_found_in_either_theme(page, "consent")
    await question.get_by_role("button", name="No, thanks").click()
    await expect(question).to_be_hidden()
    kept = "localStorage.length + sessionStorage.length"
    assert await page.evaluate(kept) == 0
    assert await visitor.context.cookies() == []
    assert sockets == []
    await expect(agent.row_of(visitor)).to_have_count(0)
    await button(page).click()
    await question.get_by_role("button", name="Yes, chat").click()
    await expect(visitor.widget.get_by_role("textbox")).to_be_focused()
    await expect(agent.row_of(visitor)).to_have_count(1)
    # A visitor that agreed is not asked again.
    await visitor.visit(public, "/demo/cart")
    await expect(agent.row_of(visitor)).to_contain_text("/demo/cart")


async def test_the_sites_own_banner_may_ask_for_consent(
    visitor: Person, agent: Person, consent: None, public: str
) -> None:
    """W-08."""
    await visitor.visit(public)
    await expect(button(visitor.page)).to_be_visible()
    await visitor.page.evaluate("Palique.consent()")
    await expect(agent.row_of(visitor)).to_have_count(1)
    await expect(visitor.page.locator("palique-chat")).to_have_count(1)


async def test_a_site_that_is_switched_off_shows_nothing_and_says_how_to_switch_it_on(
    visitor: Person, arrive: Arrive, admin: Person, public: str
) -> None:
    """S-03."""
    await visitor.visit(public)
    await expect(button(visitor.page)).to_be_visible()
    await change_site(admin, public, enabled=False)
    try:
        await expect(visitor.page.locator("palique-chat")).to_have_count(0)
        someone = await arrive()
        async with someone.page.expect_response("**/api/v1/visitor/session") as answered:
            await someone.visit(public)
        assert (await answered.value).status == 403
        await expect(someone.page.locator("palique-chat")).to_have_count(0)
        await admin.page.goto(f"{public}/dashboard/")
        main = admin.page.get_by_role("main")
        await expect(main.get_by_text("Live chat is off")).to_be_visible()
        await expect(main.get_by_role("link", name="Turn it on in the settings")).to_be_visible()
        await nothing_found_in_either_theme(admin.page, "switched off")
    finally:
        await change_site(admin, public, enabled=True)
    # Both pages get the chat without a reload: the one that lost it, and the one that was opened meanwhile.
    for one in (visitor, someone):
        await expect(button(one.page)).to_be_visible(timeout=BACK_MS)
    await expect(admin.row_of(visitor)).to_have_count(1)


async def test_a_visitor_in_a_chat_reads_that_it_is_closed_and_goes_on_when_it_is_open_again(
    visitor: Person, agent: Person, admin: Person, public: str
) -> None:
    """S-03, W-03: the switch asks first, with the server's numbers."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Is the blue teapot in stock?")
    box = await agent.accept(visitor)
    await agent.reply(box, "It is.")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("It is.")
    page = admin.page
    await page.goto(f"{public}/dashboard/settings/site")
    switch = page.get_by_role("switch", name="Live chat on this site")
    await switch.click()
    question = page.get_by_role("dialog", name="Turn off live chat?")
    await expect(question.get_by_text(re.compile(r"^\d+ chats? (is|are) open$"))).to_be_visible()
    await expect(question.get_by_text(re.compile(r"^\d+ visitors? sees? the chat now$"))).to_be_visible()
    await nothing_found_in_either_theme(page, "switch-off question")
    await question.get_by_role("button", name="Cancel").click()
    await expect(switch).to_be_checked()
    await switch.click()
    # A busy button ignores a click: it waits for the numbers.
    turn_off = question.get_by_role("button", name="Turn off")
    await expect(turn_off).not_to_have_attribute("aria-busy", "true")
    try:
        await turn_off.click()
        await expect(switch).not_to_be_checked()
        panel = visitor.widget
        await expect(panel.get_by_text("The chat is closed for now.")).to_be_visible()
        await expect(panel.get_by_role("log")).to_contain_text("It is.")
        await expect(panel.get_by_role("textbox")).to_have_count(0)
        await nothing_found_in_either_theme(visitor.page, "widget, switched off")
    finally:
        await switch.click()
    await expect(switch).to_be_checked()
    await expect(panel.get_by_role("textbox")).to_be_visible(timeout=BACK_MS)
    await visitor.write("Please put one aside.")
    await expect(box.get_by_role("log")).to_contain_text("Please put one aside.")


async def test_shutting_a_chat_that_is_closed_removes_the_button(visitor: Person, admin: Person, public: str) -> None:
    """S-03."""
    await visitor.visit(public)
    await visitor.open_chat()
    await change_site(admin, public, enabled=False)
    try:
        await expect(visitor.widget.get_by_text("The chat is closed for now.")).to_be_visible()
        await visitor.widget.get_by_role("button", name="Minimise the chat").click()
        await expect(visitor.page.locator("palique-chat")).to_have_count(0)
    finally:
        await change_site(admin, public, enabled=True)
    await expect(button(visitor.page)).to_be_visible(timeout=BACK_MS)
    await visitor.open_chat()
    await visitor.write("You are back?")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("You are back?")
