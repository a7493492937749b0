"""Twice the text: no page and state cuts or covers anything (WCAG 1.4.4). No field is so small that a phone zooms into it."""

import pytest
from playwright.async_api import Page, StorageState, expect

from kit.ids import new_id
from tests.browser.chromium import DESK, PHONE, Person, chromium, person
from tests.browser.conftest import Arrive
from tests.browser.guests import WINDOWS, Guest, seated
from tests.browser.test_widget_hosts import host_page
from tests.browser.text_fit import all_fits
from tests.support.json_object import JsonObject
from tools.pictures.people import LONG_NAME, change
from tools.pictures.widget import site_with

LANGUAGES: dict[str, JsonObject] = {
    "en": {"locale": "en-GB", "viewport": DESK},
    "es": {"locale": "es-ES", "viewport": DESK},
}
PAGES = (
    "visitors",
    "logs",
    "tickets",
    "settings/site",
    "settings/widget",
    "settings/agents",
    "settings/profile",
    "nowhere",
)
in_each_language = pytest.mark.parametrize("language", LANGUAGES)


@in_each_language
async def test_sign_in(arrive: Arrive, public: str, language: str) -> None:
    page = (await arrive(**LANGUAGES[language])).page
    await page.goto(f"{public}/dashboard/")
    await page.get_by_role("textbox").first.fill("nobody@example.com")
    await all_fits(page, f"{language} sign-in")
    await page.locator("input").last.fill("guessed")
    await page.keyboard.press("Enter")
    await page.get_by_role("alert").first.wait_for()
    await all_fits(page, f"{language} sign-in refused")
    await page.goto(f"{public}/dashboard/?again#invitation=abc")
    await page.locator(".signin h1").wait_for()
    await all_fits(page, f"{language} set password")


@in_each_language
async def test_the_dashboard(arrive: Arrive, sessions: dict[str, StorageState], public: str, language: str) -> None:
    """W-07. Pages, what they hide behind buttons, and one chat from its list to its ticket."""
    admin = await arrive(storage_state=sessions["admin"], **LANGUAGES[language])
    page = admin.page
    guests = [Guest(f"88.1.0.{number}", WINDOWS, "/demo/teapot", "Teapot Nube", says=("Hello",)) for number in range(3)]
    await invite(page, public, f"maximiliano.echeverria-santamaria.{new_id()}@support.pottery-by-hand.example")
    async with seated(public, guests) as seats:
        await page.goto(f"{public}/dashboard/")
        for path in PAGES:
            await admin.go(path)
            await all_fits(page, f"{language} {path}")
            await opened_on(page, language, path)
        await admin.go(f"visitors?visitor={seats[0].visitor}")
        await page.get_by_role("dialog").get_by_role("textbox").first.wait_for()
        await all_fits(page, f"{language} visitor dialogue")
        await conflict(page, public, seats[0].visitor, language)
        await menus(admin, language)
        await chats(page, language)


async def invite(page: Page, public: str, email: str) -> None:
    """An agent whose name and address are long."""
    agent = {"name": LONG_NAME, "email": email}
    answer = await page.request.post(f"{public}/api/v1/agents", data=agent, headers={"Origin": public})
    assert answer.ok, await answer.text()


async def conflict(page: Page, public: str, visitor: str, language: str) -> None:
    """Two texts of one visitor, in the open dialogue."""
    dialogue = page.get_by_role("dialog")
    await dialogue.locator("textarea").first.fill("Collects vases, Łódź and https://en.shop.example/vases")
    await change(page, public, visitor, bio="Collects teapots. A good customer.")
    await dialogue.locator(".edit-foot .button-primary").click()
    await dialogue.locator(".clashes").wait_for()
    await all_fits(page, f"{language} conflict")


async def opened_on(page: Page, language: str, path: str) -> None:
    """What a page hides behind a button."""
    if path == "settings/site":
        await page.get_by_role("switch").first.click()
        await page.locator(".question-facts").wait_for()
        await all_fits(page, f"{language} {path} switch off")
        await page.locator(".question-answers .button").last.click()
    elif path == "settings/agents":
        await page.locator(".page-body .button-primary").click()
        await page.get_by_role("dialog").wait_for()
        await all_fits(page, f"{language} {path} invitation")
    elif path in ("visitors", "logs", "tickets"):
        await page.locator(".page-head .button[aria-expanded]").click()
        await all_fits(page, f"{language} {path} filters")
        await page.locator(".page-head input").first.fill("nothing like this")
        await page.locator(".blank").wait_for()
        await all_fits(page, f"{language} {path} nothing found")
        await page.locator(".blank button").click()


async def menus(admin: Person, language: str) -> None:
    page = admin.page
    await admin.go("visitors")
    await page.locator(".master-button").click()
    await all_fits(page, f"{language} online list")
    await page.keyboard.press("Escape")
    await page.locator(".agent-button").click()
    await all_fits(page, f"{language} agent's menu")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+K")
    await page.locator(".palette").wait_for()
    await all_fits(page, f"{language} palette")
    await page.locator(".palette input").fill("teapot")
    await page.locator(".palette-item").first.wait_for()
    await all_fits(page, f"{language} palette with people")
    await page.keyboard.press("Escape")
    await page.keyboard.press("?")
    await page.locator(".shortcuts").wait_for()
    await all_fits(page, f"{language} shortcuts")
    await page.keyboard.press("Escape")


async def chats(page: Page, language: str) -> None:
    await page.locator(".chats > button").click()
    await all_fits(page, f"{language} chat list")
    await page.locator(".chats-waiting").first.get_by_role("button").last.click()
    await page.locator(".box").wait_for()
    await page.locator(".chats > button").click()
    field = page.locator(".box").get_by_role("textbox").first
    await field.fill("Hello!")
    await all_fits(page, f"{language} box")
    await field.press("Enter")
    await page.locator(".box-head .icon-button").last.click()
    await maximised(page, language)
    await ended(page, language)


async def maximised(page: Page, language: str) -> None:
    await page.locator(".max-side .pane").first.wait_for()
    await page.locator(".composer-kind").last.click()
    await all_fits(page, f"{language} maximised, a note")
    await page.locator(".composer-tools .icon-button").first.click()
    await all_fits(page, f"{language} emoji")
    # In all sizes: it did not close when the window changed its shape.
    await expect(page.locator(".emoji")).to_be_visible()
    await page.keyboard.press("Escape")


async def ended(page: Page, language: str) -> None:
    """The end of the chat from its actions, and what it leads to."""
    actions, items = page.locator(".max-head .menu button"), page.get_by_role("menuitem")
    await actions.click()
    await all_fits(page, f"{language} actions")
    # The menu closes when its window is shown in another way.
    if not await items.last.is_visible():
        await actions.click()
    await items.last.click()
    await all_fits(page, f"{language} question")
    await page.get_by_role("dialog").get_by_role("button").first.click()
    await page.locator(".max .foot").wait_for()
    await all_fits(page, f"{language} ended")
    await page.locator(".max-head .menu button").click()
    await items.nth(0).click()
    await page.locator(".ticket-notice").wait_for()
    await all_fits(page, f"{language} ticket notice")
    await page.locator(".ticket-notice a").click()
    await page.locator("main .split").wait_for()
    await all_fits(page, f"{language} ticket")
    await page.locator(".tab-open").last.click()
    await page.locator(".max-head .menu button, .box .menu button").first.click()
    await items.nth(1).click()
    await page.locator("main .split .log-files").wait_for()
    await all_fits(page, f"{language} log")


# The heads of the list of visitors that leave their cell: the next cell covers them.
HEADS = """() => [...document.querySelectorAll('.vtable .vsort')].filter((head) => {
  const [own, cell] = [head, head.closest('th')].map((one) => one.getBoundingClientRect());
  return own.left < cell.left || own.right > cell.right;
}).map((head) => head.textContent)"""


@in_each_language
async def test_the_heads_of_the_visitors_fit(
    arrive: Arrive, sessions: dict[str, StorageState], public: str, language: str
) -> None:
    """At the least width with columns, also with the mark of the sorted one."""
    look = LANGUAGES[language] | {"viewport": {"width": 1280, "height": 800}}
    agent = await arrive(storage_state=sessions["agent"], **look)
    async with seated(public, [Guest("88.1.0.9", WINDOWS, "/demo/teapot", "Teapot Nube")]):
        await agent.page.goto(f"{public}/dashboard/")
        heads = agent.page.locator(".vtable .vsort")
        await heads.first.wait_for()
        for number in range(await heads.count()):
            await heads.nth(number).click()
            await expect(heads.nth(number)).to_have_class("vsort vsort-on")
            assert await agent.page.evaluate(HEADS) == []


@in_each_language
async def test_the_widget(arrive: Arrive, agent: Person, public: str, language: str) -> None:
    """W-07. The text alone is doubled, and its frame does not grow: the worst case."""
    visitor = await arrive(**LANGUAGES[language])
    page = visitor.page
    await visitor.visit(public, "/demo/es" if language == "es" else "/demo")
    await visitor.open_chat()
    await all_fits(page, f"{language} widget new")
    await visitor.write("Is the blue teapot in stock?")
    await visitor.widget.locator(".status").wait_for()
    await all_fits(page, f"{language} widget queue")
    box = await agent.accept(visitor)
    await agent.reply(box, "It is. Shall I put one aside?")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("put one aside")
    await all_fits(page, f"{language} widget talk")
    await page.evaluate("Palique.close()")
    await agent.reply(box, "It is the last one.")
    await visitor.widget.locator(".preview").wait_for()
    await all_fits(page, f"{language} widget preview")
    await visitor.open_chat()
    await visitor.widget.locator(".header .quiet").first.click()
    await all_fits(page, f"{language} widget question")
    await visitor.widget.locator(".end .danger").click()
    await visitor.widget.locator(".header .quiet").nth(2).wait_for(state="detached")
    await all_fits(page, f"{language} widget ended")


# How large the texts and the frame in the host's page are.
LAUNCHER = """() => {
  const root = document.querySelector("palique-chat").shadowRoot, button = root.querySelector("button");
  button.dataset.badge = "3";
  return [getComputedStyle(button, "::after").fontSize, getComputedStyle(root.querySelector("iframe")).width].map(parseFloat);
}"""
# What of the question for consent is larger than its place.
QUESTION = """() => [...document.querySelector("palique-chat").shadowRoot.querySelectorAll("section, section *")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1 ||
    one.getBoundingClientRect().top < 0 || one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML)"""


async def test_the_widget_in_a_page_follows_the_browsers_text_size(admin: Person, public: str) -> None:
    """W-07. Not the size that the page has for its root."""
    async with host_page(public, "<style>html { font-size: 10px; }</style>") as address:
        for size, badge, width in ((16, 13, 384), (32, 26, 768)):
            async with chromium(f"--blink-settings=defaultFontSize={size}") as browser, person(browser) as visitor:
                await visitor.visit(address, "/host")
                await visitor.open_chat()
                found = await visitor.page.evaluate(LAUNCHER)
                assert found == [pytest.approx(badge, rel=0.15), width], size
                async with site_with(admin, public, consent=True):
                    other = await browser.new_page(viewport=PHONE)
                    await other.goto(address)
                    await other.locator("palique-chat button").first.click()
                    await other.locator("palique-chat section").wait_for()
                    assert await other.evaluate(QUESTION) == [], size
