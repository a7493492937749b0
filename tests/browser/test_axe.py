"""Nothing that shuts people out, as far as axe finds it: every page and state, light and dark, Spanish and English, desk and phone (W-07)."""

import re

import pytest
from playwright.async_api import Page, StorageState, expect

from tests.browser.axe import nothing_found
from tests.browser.chromium import DESK, PHONE, Person
from tests.browser.conftest import Arrive
from tests.support.json_object import JsonObject

LOOKS: list[JsonObject] = [
    {"color_scheme": "light", "locale": "en-GB", "viewport": DESK},
    {"color_scheme": "dark", "locale": "es-ES", "viewport": DESK},
    {"color_scheme": "dark", "locale": "en-GB", "viewport": PHONE},
    {"color_scheme": "light", "locale": "es-ES", "viewport": PHONE},
]
looks = pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look['color_scheme']}-{look['locale'][:2]}-{look['viewport']['width']}"
)


@looks
async def test_the_dashboard(arrive: Arrive, sessions: dict[str, StorageState], public: str, look: JsonObject) -> None:
    """W-07."""
    stranger = await arrive(**look)
    await stranger.page.goto(f"{public}/dashboard/")
    await stranger.page.get_by_role("textbox").first.wait_for()
    await nothing_found(stranger.page, "sign-in")

    visitor = await arrive()
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Is anybody there?")
    agent = await arrive(storage_state=sessions["admin"], **look)
    page = agent.page
    await page.goto(f"{public}/dashboard/")
    await page.get_by_role("main").wait_for()
    for path, said in (
        ("visitors", visitor.tag),
        ("logs", None),
        ("tickets", None),
        ("settings/site", None),
        ("settings/widget", None),
        ("settings/agents", None),
        ("settings/profile", None),
        ("nowhere", None),
    ):
        await agent.go(path)
        if said:
            await expect(page.get_by_text(re.compile(said)).first).to_be_visible()
        await nothing_found(page, path)
        await opened_on(page, path)
    await agent.go("visitors")
    name = await agent.name_of(visitor)
    await agent.row_of(visitor).locator(".vname").click()
    await page.get_by_role("dialog").get_by_role("textbox").first.wait_for()
    await nothing_found(page, "visitor dialogue")
    await page.keyboard.press("Escape")
    await page.locator(".master-button").click()
    await nothing_found(page, "list of visitors")
    await page.keyboard.press("Escape")
    if look["viewport"] is PHONE:
        await page.locator(".phone-bar .icon-button").click()
    await page.locator(".agent-button").click()
    await nothing_found(page, "agent's menu")
    await page.keyboard.press("Escape")
    if look["viewport"] is PHONE:
        await page.locator(".phone-bar .icon-button").click()
    for key, where in (("?", "list of shortcuts"), ("Control+k", "palette")):
        await page.keyboard.press(key)
        await page.locator("dialog[open]").wait_for()
        await nothing_found(page, where)
        await page.keyboard.press("Escape")
    await page.locator(".chats > button").click()
    await nothing_found(page, "chat list")
    await page.locator(".chats-waiting", has_text=name).get_by_role("button").last.click()
    await page.locator(".box, .max").get_by_role("textbox").first.wait_for()
    await nothing_found(page, "box")
    await windows(agent, look)


async def opened_on(page: Page, path: str) -> None:
    """What a page hides behind a button, with nothing found."""
    if path == "settings/agents":
        await page.locator(".page-body .button-primary").click()
        await page.get_by_role("dialog").wait_for()
    elif path in ("visitors", "logs", "tickets"):
        await page.locator(".page-head .button[aria-expanded]").click()
        await page.locator(".page-head input").first.fill("nothing like this")
        await page.locator(".blank").wait_for()
    else:
        return
    await nothing_found(page, f"{path}, opened")
    if path in ("logs", "tickets"):
        # The tab remembers what was asked for.
        await page.locator(".blank button").click()


async def windows(agent: Person, look: JsonObject) -> None:
    """The data that belongs to one chat."""
    page = agent.page
    if look["viewport"] is DESK:
        await page.locator(".box-head .icon-button").last.click()
        await page.locator(".max-side .pane").first.wait_for()
        await nothing_found(page, "maximised")
    else:
        await page.locator(".max-head [aria-pressed]").click()
        await page.locator(".max-side .pane").first.wait_for()
        await nothing_found(page, "details")
        await page.locator(".max-head [aria-pressed]").click()
    await page.locator(".composer-kind").last.click()
    await page.locator(".composer-tools .icon-button").first.click()
    await nothing_found(page, "a note, with emoji")
    await page.keyboard.press("Escape")
    await page.locator(".max-head .menu button").click()
    await nothing_found(page, "actions")
    await page.get_by_role("menuitem").last.click()
    await nothing_found(page, "question")
    await page.get_by_role("dialog").get_by_role("button").first.click()
    await page.locator(".max .foot").wait_for()
    await nothing_found(page, "ended")
    # An administrator may close any chat: it has a log and becomes a ticket.
    await page.locator(".max-head .menu button").click()
    await page.get_by_role("menuitem").nth(0).click()
    await page.locator(".ticket-notice").wait_for()
    await nothing_found(page, "ticket notice")
    await page.locator(".ticket-notice a").click()
    await page.locator("main .split").wait_for()
    await nothing_found(page, "ticket")
    await page.locator(".tab-open").last.click()
    await page.locator(".max-head .menu button, .box .menu button").first.click()
    await page.get_by_role("menuitem").nth(1).click()
    await page.locator("main .split .log-files").wait_for()
    await nothing_found(page, "log")


@looks
async def test_the_widget(arrive: Arrive, public: str, look: JsonObject) -> None:
    """W-07."""
    visitor = await arrive(**look)
    await visitor.visit(public, "/demo/es" if look["locale"] == "es-ES" else "/demo")
    await visitor.page.locator("palique-chat button").wait_for()
    await nothing_found(visitor.page, "closed")
    await visitor.open_chat()
    await nothing_found(visitor.page, "open")
    await visitor.write("https://example.com")
    await visitor.widget.locator(".status").wait_for()
    await nothing_found(visitor.page, "with a chat")
