"""The visitor's side, on the pages of a shop."""

import json
import re

from playwright.async_api import StorageState, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Arrive
from tests.browser.shop import button
from tests.support.eventually import eventually


async def test_one_tag_shows_the_button_and_loads_nothing_else(visitor: Person, public: str) -> None:
    """W-01. An address with parameters needs the rule for them, too."""
    page = visitor.page
    asked: list[str] = []
    heard: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    page.on("request", lambda request: asked.append(request.url.removeprefix(public)))
    await page.add_init_script("window.before = new Set(Object.keys(window))")
    await page.goto(f"{public}/demo")
    await expect(button(page)).to_be_visible()
    await eventually(lambda: any('"welcome"' in frame for frame in heard), sentence="the visitor is online")
    ours = [path for path in asked if not path.startswith("/demo")]
    assert ours == ["/widget.js", "/api/v1/visitor/session"]
    added = await page.evaluate("Object.keys(window).filter((name) => !before.has(name) && name !== 'before')")
    assert added == ["Palique"]
    shift = await page.evaluate("""() => new Promise((done) => {
        const sum = (list) => list.getEntries().reduce((all, entry) => all + entry.value, 0);
        new PerformanceObserver((list) => done(sum(list))).observe({type: 'layout-shift', buffered: true});
        setTimeout(() => done(0), 300);
    })""")
    assert shift == 0
    await visitor.open_chat()
    assert any(path.startswith("/widget/app/") for path in asked)


async def test_only_address_title_and_referrer_of_the_page_leave_it(
    visitor: Person, agent: Person, public: str
) -> None:
    """W-05."""
    sent: list[str] = []
    visitor.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
    await visitor.visit(public, "/demo/contact")
    await expect(agent.row_of(visitor)).to_contain_text("/demo/contact")
    row = agent.page.get_by_role("row").filter(has_text=await agent.name_of(visitor))
    await visitor.page.get_by_role("link", name="Cart").first.click()
    await expect(row).to_contain_text("/demo/cart")
    pages = [json.loads(frame)["page"] for frame in sent if '"hello"' in frame]
    assert [set(page) for page in pages] == [{"url", "title", "referrer", "front"}] * len(pages)
    assert pages[-1] == {
        "url": f"{public}/demo/cart",
        "title": await visitor.page.title(),
        "referrer": f"{public}/demo/contact?who={visitor.tag}",
        "front": True,
    }


# As a browser reports it.
FOCUSED = "dispatchEvent(new Event('focus'))"


async def test_agents_see_the_tab_in_front_and_one_visit_of_an_address(
    visitor: Person, agent: Person, public: str
) -> None:
    """S-15. Chromium under test gives every tab the focus, so the test says which has it."""
    await visitor.context.add_init_script("document.hasFocus = () => window.inFront ?? true")
    await visitor.visit(public, "/demo/bowl")
    row = agent.row_of(visitor)
    await expect(row).to_contain_text("/demo/bowl")
    newer = await visitor.context.new_page()
    await visitor.page.evaluate("window.inFront = false")
    await newer.goto(f"{public}/demo/cart?who={visitor.tag}")
    await expect(row).to_contain_text("/demo/cart")
    await visitor.page.evaluate(f"window.inFront = true; {FOCUSED}")
    await expect(row).to_contain_text("/demo/bowl")
    # It was away for a shorter time than the page looks at.
    await newer.evaluate(f"window.inFront = true; {FOCUSED}")
    await expect(row).to_contain_text("/demo/cart")
    await newer.close()
    await expect(row).to_contain_text("/demo/bowl")
    # As single-page applications do: the title comes after the address.
    await visitor.page.evaluate("history.pushState(null, '', `/demo/soap${location.search}`)")
    await expect(row).to_contain_text("/demo/soap")
    await visitor.page.evaluate("document.title = 'Olive soap'")
    await expect(row).to_contain_text("Olive soap")
    await row.locator(".vname").click()
    visits = agent.page.get_by_role("dialog").locator("ol.pages li")
    await expect(visits.filter(has_text="/demo/soap")).to_have_count(1)
    await expect(visits.filter(has_text="/demo/soap")).to_contain_text("Olive soap")


async def test_it_speaks_the_language_of_the_page(arrive: Arrive, public: str) -> None:
    """W-06."""
    for locale, path, placeholder in (
        ("en-GB", "/demo/es", "Escribe un mensaje"),
        ("es-MX", "/demo", "Write a message"),
    ):
        someone = await arrive(locale=locale)
        await someone.visit(public, path)
        await someone.open_chat()
        await expect(someone.widget.get_by_role("textbox")).to_have_attribute("placeholder", placeholder)


async def test_the_keyboard_can_do_everything(visitor: Person, public: str) -> None:
    """W-07."""
    page = visitor.page
    await visitor.visit(public)
    await button(page).focus()
    await page.keyboard.press("Enter")
    field = visitor.widget.get_by_role("textbox")
    await expect(field).to_be_focused()
    await page.keyboard.type("By keyboard")
    await page.keyboard.press("Enter")
    await expect(visitor.widget.get_by_text("By keyboard")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(button(page)).to_have_attribute("aria-expanded", "false")
    # From the page, too, as long as nothing else of it has the focus.
    await visitor.open_chat()
    await page.locator("h1").first.click()
    await page.keyboard.press("Escape")
    await expect(button(page)).to_have_attribute("aria-expanded", "false")


async def test_on_a_phone_it_fills_the_screen_and_dark_is_dark(arrive: Arrive, public: str) -> None:
    """W-07."""
    someone = await arrive(PHONE, color_scheme="dark", reduced_motion="reduce", is_mobile=True, has_touch=True)
    await someone.visit(public)
    await someone.open_chat()
    frame = someone.page.locator("palique-chat iframe")
    assert await frame.bounding_box() == {"x": 0, "y": 0, **PHONE}
    assert await frame.evaluate("(frame) => getComputedStyle(frame).transitionDuration") in ("0s", "0s, 0s, 0s")
    back = await someone.widget.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    assert max(int(part) for part in re.findall(r"\d+", back)[:3]) < 60


async def test_the_availability_of_agents_is_live(
    visitor: Person, admin: Person, agent: Person, arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """W-04, I-15. An earlier test's agent counts as online until the linger has passed."""
    colleague = await arrive(storage_state=sessions["agent2"])
    await colleague.open_dashboard(public)
    everyone = (admin, agent, colleague)
    await visitor.visit(public)
    await visitor.open_chat()
    state = visitor.widget.locator(".header").get_by_role("status")
    await expect(state).to_have_text("We are online")
    for one in everyone:
        await one.page.locator(".agent-button").click()
        await one.page.get_by_role("menuitemradio", name="Invisible").click()
    try:
        await expect(state).to_have_text("We are offline")
        await nothing_found_in_either_theme(visitor.page, "offline")
    finally:
        for one in everyone:
            await one.page.locator(".agent-button").click()
            await one.page.get_by_role("menuitemradio", name="Online").click()
    await expect(state).to_have_text("We are online")
