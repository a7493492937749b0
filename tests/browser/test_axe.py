"""Nothing that shuts people out, as far as axe finds it: every page and state, light and dark, Spanish and English, desk and phone (W-07)."""

import re
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Page, StorageState, expect

from tests.browser.chromium import DESK, PHONE
from tests.browser.conftest import Arrive

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
LOOKS: list[dict[str, Any]] = [
    {"color_scheme": "light", "locale": "en-GB", "viewport": DESK},
    {"color_scheme": "dark", "locale": "es-ES", "viewport": DESK},
    {"color_scheme": "dark", "locale": "en-GB", "viewport": PHONE},
    {"color_scheme": "light", "locale": "es-ES", "viewport": PHONE},
]
looks = pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look['color_scheme']}-{look['locale'][:2]}-{look['viewport']['width']}"
)


async def nothing_found(page: Page, where: str) -> None:
    """In the page as it stands; the widget's frame is looked into, too."""
    # A policy that lets nothing in lets nothing of ours in either: past it, as the browser's own tools go.
    for frame in page.frames:
        if not await frame.evaluate("'axe' in window"):
            await frame.evaluate(AXE_FILE_PATH.read_text())
    # What is half faded in has half its contrast.
    still = "() => Promise.allSettled(document.getAnimations().map((one) => one.effect?.getComputedTiming().endTime < 5_000 && one.finished))"
    for frame in page.frames:
        await frame.evaluate(still)
        found = await frame.evaluate("(only) => axe.run(document, {runOnly: only, iframes: false})", RULES)
        told = [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found["violations"]]
        assert told == [], f"{where}: {told}"


@looks
async def test_the_dashboard(
    arrive: Arrive, sessions: dict[str, StorageState], public: str, look: dict[str, Any]
) -> None:
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
        await page.goto(f"{public}/dashboard/{path}")
        await page.get_by_role("main").wait_for()
        if said:
            await expect(page.get_by_text(re.compile(said)).first).to_be_visible()
        await page.wait_for_load_state("networkidle")
        await nothing_found(page, path)
    await page.goto(f"{public}/dashboard/")
    name = await agent.name_of(visitor)
    await agent.row_of(visitor).locator(".vname").click()
    await page.get_by_role("dialog").get_by_role("textbox").first.wait_for()
    await nothing_found(page, "visitor dialogue")
    await page.keyboard.press("Escape")
    await page.locator(".master-button").click()
    await nothing_found(page, "list of visitors")
    await page.keyboard.press("Escape")
    await page.locator(".chats > button").click()
    await nothing_found(page, "chat list")
    await page.locator(".chats-waiting", has_text=name).get_by_role("button").last.click()
    await page.locator(".box, .max").get_by_role("textbox").first.wait_for()
    await nothing_found(page, "box")
    if look["viewport"] is DESK:
        await page.locator(".box-head .icon-button").last.click()
        await page.locator(".max-side .pane").first.wait_for()
        await nothing_found(page, "maximised")
        await page.locator(".max-head button").first.click()
        await nothing_found(page, "actions")


@looks
async def test_the_widget(arrive: Arrive, public: str, look: dict[str, Any]) -> None:
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
