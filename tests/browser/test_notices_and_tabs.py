"""Notifications for an agent, and the state of conversations in other tabs and after a reload: it belongs to the agent, not to a tab."""

import asyncio
import re

from playwright.async_api import Page, StorageState, expect

from kit.ids import visitor_label
from services.gateway.fanout.waiting_queue import MAX_SHOWN
from tests.browser.chromium import Person
from tests.browser.guests import WINDOWS, Guest, Seat, seated
from tests.browser.tidy import end_chats
from tests.support.eventually import eventually

# Past the hundred that are fetched at first.
LONG_TALK = 130
# Under the gateway's ten messages a second.
PACE_S = 0.11
# Counts the browser's sounds and notifications, which are invisible in a headless browser.
COUNTED = """(() => {
  window.rings = 0; window.shown = []; window.taken_back = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...given) { window.rings += 1; return start.apply(this, given); };
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(title) { this.title = title; window.shown.push(title); }
    close() { window.taken_back.push(this.title); }
  };
})()"""
# The entry at the upper edge of the log; like nothing else while there is none.
TOP = """() => {
  const log = document.querySelector(".mlog-view");
  if (!log) return NaN;
  const top = [...log.querySelectorAll("[data-seq]")].find((one) => one.offsetTop + one.offsetHeight > log.scrollTop);
  return Number(top?.dataset.seq ?? NaN);
}"""


def _guest(*says: str) -> Guest:
    return Guest("203.0.113.7", WINDOWS, "/demo/vase", "Vase", says=says)


async def _accept(page: Page, seat: Seat) -> None:
    toggle = page.locator(".chats > button")
    if await toggle.get_attribute("aria-expanded") != "true":
        await toggle.click()
    row = page.locator(".chats-waiting").filter(has_text=visitor_label(seat.visitor))
    await row.get_by_role("button", name="Accept").click()


async def test_a_waiting_visitor_rings_until_an_agent_accepts(agent: Person, public: str) -> None:
    """Sound, desktop notification, title and icon; the agent's choices stay theirs over a reload."""
    page = agent.page
    await page.add_init_script(COUNTED)
    await page.reload()
    await page.locator(".agent-button").click()
    await page.get_by_role("menuitemcheckbox", name="Desktop notifications").click()
    async with seated(public, [_guest("Anybody there?")]) as (seat,):
        called = f"{visitor_label(seat.visitor)} is waiting"
        await page.wait_for_function("(called) => window.shown.includes(called)", arg=called)
        await expect(page).to_have_title(re.compile(r"^\([1-9]"))
        icon = page.locator("link[rel=icon]")
        await expect(icon).to_have_attribute("href", re.compile("circle"))
        rings = await page.evaluate("window.rings")
        await page.wait_for_function("(rings) => window.rings > rings", arg=rings)
        await _accept(page, seat)
        await page.wait_for_function("(called) => window.taken_back.includes(called)", arg=called)
        await page.reload()
        await page.locator(".agent-button").click()
        await page.get_by_role("menuitemcheckbox", name="Sound").click()
        await page.reload()
        await page.locator(".agent-button").click()
        await expect(page.get_by_role("menuitemcheckbox", name="Sound")).to_have_attribute("aria-checked", "false")


async def test_one_click_from_any_page_accepts_and_is_ready_to_write(
    agent: Person, admin: Person, sessions: dict[str, StorageState], public: str
) -> None:
    """B4: first line, page and waiting time are visible before, in the notice and in the list."""
    page = agent.page
    # The notice shows the visitor that has waited longest.
    left = await (await admin.page.request.get(f"{public}/api/v1/chats?status=waiting")).json()
    await end_chats(public, sessions["admin"], [chat["conversation"] for chat in left["items"]])
    await page.goto(f"{public}/dashboard/tickets")
    says = ("\n Where is my order?\nIt was the blue one.", "Do you ship to Łódź?", "Is it dishwasher safe?")
    writing = page.locator("textarea:focus")
    async with seated(public, [_guest(one) for one in says]) as seats:
        names = [visitor_label(seat.visitor) for seat in seats]
        notice = page.locator(".waiting-notice")
        for name, line in zip(names, ("Where is my order?", says[1], says[2]), strict=True):
            await page.goto(f"{public}/dashboard/visitors")
            row = page.get_by_role("row").filter(has_text=name)
            await expect(row).to_contain_text(f"< 1 min{line}")
        await page.goto(f"{public}/dashboard/tickets")
        await expect(notice).to_contain_text("3 waiting")
        await expect(notice).to_contain_text("Vase")
        await expect(notice.locator("time")).to_have_text("< 1 min")
        chosen = await notice.locator(".waiting-name").inner_text()
        await notice.get_by_role("button", name="Accept").click()
        await expect(agent.box(chosen).locator(writing)).to_be_visible()
        others = [name for name in names if name != chosen]
        await page.goto(f"{public}/dashboard/visitors")
        await page.get_by_role("row").filter(has_text=others[0]).get_by_role("button", name="Chat with").click()
        await expect(agent.box(others[0]).locator(writing)).to_be_visible()
        await page.locator(".vname").get_by_text(others[1]).click()
        await page.get_by_role("dialog").get_by_role("button", name="Chat with this visitor").click()
        await expect(agent.box(others[1]).locator(writing)).to_be_visible()
        await expect(notice).to_have_count(0)


async def test_waiting_chats_beyond_the_list_are_counted(
    agent: Person, admin: Person, sessions: dict[str, StorageState], public: str
) -> None:
    """B4: a queue frame lists the oldest ones only, and has the number of all."""
    page, waiting = agent.page, f"{public}/api/v1/chats?status=waiting&limit=100"

    async def ids() -> list[str]:
        return [chat["conversation"] for chat in (await (await admin.page.request.get(waiting)).json())["items"]]

    await end_chats(public, sessions["admin"], await ids())
    count = MAX_SHOWN + 3

    async def all_wait() -> bool:
        return len(await ids()) == count

    async with seated(public, [_guest("Hello") for _ in range(count)]):
        # A page that is open meanwhile gets each chat by itself.
        await eventually(all_wait, sentence="all chats wait")
        await page.goto(f"{public}/dashboard/tickets")
        await expect(page.locator(".waiting-notice")).to_contain_text(f"{count} waiting")
        await expect(page.locator(".chats .badge-strong")).to_contain_text(str(count))
        await expect(page).to_have_title(re.compile(rf"\({count}\)"))
        await end_chats(public, sessions["admin"], await ids())
        await expect(page.locator(".waiting-notice")).to_have_count(0)


async def test_draft_and_place_follow_into_the_other_tab_and_over_a_reload(agent: Person, public: str) -> None:
    """Requirement S-36: a long conversation opens at its end, and scrolling back loads all of it."""
    page = agent.page
    async with seated(public, [_guest("Word 0")]) as (seat,):
        await _accept(page, seat)
        log = page.get_by_role("log")
        await expect(log).to_contain_text("Word 0")
        for number in range(1, LONG_TALK):
            await seat.say(f"Word {number}")
            await asyncio.sleep(PACE_S)
        await expect(log).to_contain_text(f"Word {LONG_TALK - 1}")
        await page.reload()
        await expect(log).to_contain_text(f"Word {LONG_TALK - 1}")
        await expect(log.get_by_text("Word 0", exact=True)).to_have_count(0)
        await log.hover()
        while not await log.get_by_text("Word 0", exact=True).count():
            await page.mouse.wheel(0, -2_000)
        await page.mouse.wheel(0, -10_000)
        await page.wait_for_function(f"() => ({TOP})() <= 3")

        await page.get_by_role("button", name="Emoji").click()
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("Enter")
        draft = page.get_by_role("textbox", name="Write a message")
        await expect(draft).to_be_focused()
        await expect(draft).to_have_value("😃")
        other = await agent.context.new_page()
        await other.goto(f"{public}/dashboard/")
        copy = other.get_by_role("textbox", name="Write a message")
        await expect(copy).to_have_value("😃")
        await other.wait_for_function(f"() => ({TOP})() <= 3")

        await copy.fill("Written in the other tab")
        await other.get_by_role("log").hover()
        await other.mouse.wheel(0, 1_500)
        await other.wait_for_function(f"() => ({TOP})() > 10")
        await expect(draft).to_have_value("Written in the other tab")
        await page.wait_for_function(f"(there) => ({TOP})() === there", arg=await other.evaluate(TOP))
        there = await other.evaluate(TOP)
        await page.reload()
        await expect(draft).to_have_value("Written in the other tab")
        await page.wait_for_function(f"(there) => ({TOP})() === there", arg=there)
        await page.locator(".box").get_by_role("button", name="Minimise").click()
        await expect(copy).to_have_count(0)
        bar = page.get_by_role("region", name="Chat windows")
        await bar.get_by_role("button", name=re.compile(visitor_label(seat.visitor))).last.click()
        await expect(draft).to_have_value("Written in the other tab")
        await page.wait_for_function(f"(there) => ({TOP})() === there", arg=there)
        await expect(copy).to_have_count(1)
        await page.get_by_role("button", name="Jump to newest").click()
        await expect(log.get_by_text(f"Word {LONG_TALK - 1}")).to_be_in_viewport()
