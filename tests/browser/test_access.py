"""The way into the dashboard, and that chat is at hand on every page of it."""

import re

import pytest
from playwright.async_api import Page, StorageState, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.tidy import end_chats
from tests.support.eventually import eventually

PAGES = ("", "logs", "tickets", "settings", "visitors")


async def test_sign_in_comes_before_any_page(arrive: Arrive, public: str) -> None:
    """S-08."""
    stranger = await arrive()
    for path in PAGES:
        await stranger.page.goto(f"{public}/dashboard/{path}")
        await expect(stranger.page.get_by_role("button", name="Sign in")).to_be_visible()
        await expect(stranger.page.get_by_role("navigation")).to_have_count(0)
    await stranger.sign_in(public, "agent2@palique.test")


async def test_a_wrong_password_shows_an_error_and_no_page(arrive: Arrive, public: str) -> None:
    """S-08."""
    stranger = await arrive()
    await stranger.page.goto(f"{public}/dashboard/")
    await stranger.page.get_by_label("E-mail").fill("agent@palique.test")
    await stranger.page.get_by_label("Password").fill("guessed")
    await stranger.page.get_by_role("button", name="Sign in").click()
    await expect(stranger.page.get_by_text("E-mail and password do not match.")).to_be_visible()


async def test_the_panel_on_the_left_leads_to_everything(agent: Person) -> None:
    """S-01, S-09, S-10, S-13."""
    page = agent.page
    panel = page.get_by_role("complementary", name="Side panel")
    box = await panel.bounding_box()
    assert box is not None
    assert box["x"] == 0
    chat = panel.get_by_role("button", name="Chat", exact=True)
    await expect(panel.get_by_role("link", name=re.compile("Online visitors|Chat logs"))).to_have_count(2)
    await chat.click()
    await expect(panel.get_by_role("link", name="Chat logs")).to_have_count(0)
    await chat.click()
    await panel.get_by_role("link", name="Chat logs").click()
    await expect(page.get_by_role("heading", name="Chat logs")).to_be_visible()
    await panel.get_by_role("link", name=re.compile("Online visitors")).click()
    await expect(page.get_by_role("heading", name="Online visitors")).to_be_visible()


@pytest.mark.parametrize("link", [r"Online visitors", r"Chat logs", r"^Tickets"])
async def test_chat_is_at_hand_whichever_page_is_open(agent: Person, link: str) -> None:
    """S-02, S-31."""
    page = agent.page
    await page.get_by_role("complementary", name="Side panel").get_by_role("link", name=re.compile(link)).click()
    master = page.get_by_role("button", name=re.compile("^Live chat"))
    await expect(master).to_be_visible()
    box = await master.bounding_box()
    assert box is not None
    assert box["x"] < 20
    assert box["y"] + box["height"] > 900 - 20
    await agent.show_chats()
    await expect(agent.chats).to_be_visible()


async def test_administrators_handle_chats_as_agents_do(admin: Person, visitor: Person, public: str) -> None:
    """S-04."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Is the manager there?")
    box = await admin.accept(visitor)
    await admin.reply(box, "Speaking.")
    await expect(visitor.widget.get_by_text("Speaking.")).to_be_visible()


async def test_signing_out_leaves_no_text_in_the_browser(
    arrive: Arrive, sessions: dict[str, StorageState], visitor: Person, public: str
) -> None:
    """Drafts survive a reload, but not a sign-out, in this tab and in another one."""
    agent = await arrive()
    await agent.sign_in(public, "agent2@palique.test")
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("A question")
    name = await agent.name_of(visitor)
    box = await agent.accept(visitor)
    other = Person(agent.context, await agent.context.new_page())
    await other.open_dashboard(public)
    draft = "half of a secret answer"
    await box.get_by_role("textbox", name="Write a message").fill(draft)
    stored = "JSON.stringify([{...localStorage}, {...sessionStorage}])"

    async def kept() -> bool:
        return draft in await agent.page.evaluate(stored)

    await eventually(kept, sentence="the browser keeps the draft")
    for page in (agent.page, other.page):
        await page.evaluate("sessionStorage.setItem('palique.outbox.x', 'half of a secret answer')")
    await agent.page.get_by_role("button", name=re.compile("Agent")).last.click()
    # Not stored yet when the session ends.
    await other.box(name).get_by_role("textbox", name="Write a message").fill(f"{draft}, continued")
    await agent.page.get_by_role("menuitem", name="Sign out").click()
    for page in (agent.page, other.page):
        await expect(page.get_by_role("button", name="Sign in")).to_be_visible()

        async def forgotten(page: Page = page) -> bool:
            return draft not in await page.evaluate(stored)

        await eventually(forgotten, sentence="the browser has forgotten the draft")
        assert "A question" not in await page.content()
    await end_chats(public, sessions["agent2"])
