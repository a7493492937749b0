"""The visitor's side, on the pages of a shop."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Arrive

# A page asks again after 20 s at most.
BACK_MS = 40_000


async def change_site(admin: Person, public: str, **changes: Any) -> None:
    """As an administrator does in the settings."""
    address, headers = f"{public}/api/v1/site", {"Origin": public}
    site = await (await admin.page.request.get(address)).json()
    answer = await admin.page.request.patch(address, data={"version": site["version"], **changes}, headers=headers)
    assert answer.ok, await answer.text()


def button(page: Page) -> Any:
    """The widget's own, in the host's page."""
    return page.locator("palique-chat button").first


async def test_one_tag_shows_the_button_and_loads_nothing_else(visitor: Person, agent: Person, public: str) -> None:
    """W-01."""
    page = visitor.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(public)))
    await page.add_init_script("window.before = new Set(Object.keys(window))")
    await visitor.visit(public)
    await expect(button(page)).to_be_visible()
    await expect(agent.row_of(visitor)).to_have_count(1)
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


async def test_a_message_says_how_far_it_got(visitor: Person, agent: Person, public: str) -> None:
    """W-02."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Do you ship to Portugal?")
    status = visitor.widget.locator(".status").last
    await expect(status).to_contain_text("Sent")
    name, box = await agent.name_of(visitor), await agent.accept(visitor)
    await expect(status).to_contain_text("Read")
    await box.get_by_role("button", name="Minimise").click()
    await visitor.write("To Faro")
    await expect(status).to_contain_text("Delivered")
    bar = agent.page.get_by_role("region", name="Chat windows")
    await bar.get_by_role("button", name=re.compile(name)).click()
    await expect(status).to_contain_text("Read")
    await expect(visitor.widget.get_by_role("heading", level=1)).to_have_text("Berta Agent")
    await expect(visitor.widget.locator(".avatar").first).to_be_visible()
    await box.get_by_role("textbox", name="Write a message").press_sequentially("We do")
    await expect(visitor.widget.get_by_text("Berta Agent is typing")).to_be_visible()
    await agent.reply(box, "We do, in three days.")
    await expect(visitor.widget.get_by_text("We do, in three days.")).to_be_visible()
    await expect(visitor.widget.get_by_text("Berta Agent is typing")).to_have_count(0)


async def test_without_a_network_a_message_waits_and_goes_by_itself(
    visitor: Person, agent: Person, public: str
) -> None:
    """W-02, W-03, I-3."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Before the tunnel")
    box = await agent.accept(visitor)
    await expect(box.get_by_text("Before the tunnel")).to_be_visible()
    await visitor.context.set_offline(True)
    await visitor.write("In the tunnel")
    await expect(visitor.widget.get_by_text("Not sent yet, retrying")).to_be_visible()
    await nothing_found_in_either_theme(visitor.page, "retrying")
    await visitor.context.set_offline(False)
    await expect(box.get_by_text("In the tunnel")).to_have_count(1)
    await expect(visitor.widget.get_by_text("Not sent yet, retrying")).to_have_count(0)
    await expect(visitor.widget.get_by_text("In the tunnel")).to_have_count(1)


async def test_one_conversation_over_reload_page_and_tab(visitor: Person, agent: Person, public: str) -> None:
    """W-03, I-11."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("The first")
    box = await agent.accept(visitor)
    await visitor.page.reload()
    await visitor.open_chat()
    await visitor.write("The second")
    await visitor.visit(public, "/demo/cart")
    await visitor.open_chat()
    await agent.reply(box, "The third")
    first_tab = visitor.page
    visitor.page = await visitor.context.new_page()
    await visitor.visit(public, "/demo/bowl")
    await visitor.open_chat()
    await visitor.write("The fourth")
    for page in (first_tab, visitor.page):
        words = page.frame_locator("iframe[src*='/widget/app/']").locator(".bubble")
        await expect(words).to_have_text(["The first", "The second", "The third", "The fourth"])
    await expect(box.locator(".said-bubble")).to_have_text(["The first", "The second", "The third", "The fourth"])


async def test_what_is_sent_while_the_page_is_left_arrives_once(visitor: Person, agent: Person, public: str) -> None:
    """W-03, I-2. The page takes the widget away in the very moment, so no word of the application reaches the loader any more."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("The first")
    box = await agent.accept(visitor)
    await expect(box.get_by_text("The first")).to_be_visible()
    await visitor.page.evaluate(
        """(next) => void setTimeout(() => {
            const widget = document.querySelector('palique-chat');
            const { contentWindow: view } = widget.shadowRoot.querySelector('iframe');
            const field = view.document.querySelector('textarea');
            field.value = 'Sent in passing';
            field.dispatchEvent(new view.InputEvent('input', {bubbles: true}));
            field.dispatchEvent(new view.KeyboardEvent('keydown', {key: 'Enter', bubbles: true, cancelable: true}));
            widget.remove();
            location.href = next;
        })""",
        f"{public}/demo/cart?who={visitor.tag}",
    )
    await visitor.page.wait_for_url("**/demo/cart**")
    # The panel was open, so it is again.
    await expect(visitor.widget.locator(".bubble")).to_have_text(["The first", "Sent in passing"])
    await expect(box.locator(".said-bubble")).to_have_text(["The first", "Sent in passing"])
    await expect(visitor.widget.locator(".status").last).to_contain_text("Read")
    await visitor.page.reload()
    await expect(visitor.widget.locator(".bubble")).to_have_text(["The first", "Sent in passing"])
    await visitor.write("The last")
    await expect(box.locator(".said-bubble")).to_have_text(["The first", "Sent in passing", "The last"])
    await expect(visitor.widget.get_by_role("textbox")).to_have_value("")


async def test_a_page_that_slept_catches_up(visitor: Person, agent: Person, public: str) -> None:
    """W-03, I-3."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Back in a minute")
    box = await agent.accept(visitor)
    await expect(visitor.widget.get_by_role("heading", level=1)).to_have_text("Berta Agent")
    browser = await visitor.context.new_cdp_session(visitor.page)
    await browser.send("Page.setWebLifecycleState", {"state": "frozen"})
    await visitor.context.set_offline(True)
    await agent.reply(box, "Take your time.")
    await visitor.context.set_offline(False)
    await browser.send("Page.setWebLifecycleState", {"state": "active"})
    await expect(visitor.widget.get_by_text("Take your time.")).to_have_count(1)


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
    await newer.evaluate("window.inFront = false")
    await visitor.page.evaluate("window.inFront = true")
    await expect(row).to_contain_text("/demo/bowl")
    await newer.evaluate("window.inFront = true")
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


async def test_a_message_to_a_shut_widget_shows_a_preview_and_in_the_title_of_the_page(
    arrive: Arrive, agent: Person, public: str
) -> None:
    """W-02, W-07, on a phone, where a message never opens the panel. Agents see the page's own title."""
    visitor = await arrive(PHONE, locale="es-ES", is_mobile=True, has_touch=True)
    await visitor.visit(public, "/demo/es")
    page, title = visitor.page, await visitor.page.title()
    await visitor.open_chat()
    await visitor.write("¿Hay teteras azules?")
    box = await agent.accept(visitor)
    await visitor.widget.get_by_role("button", name="Minimizar el chat").click()
    await expect(page.locator("palique-chat iframe")).to_be_hidden()
    await agent.reply(box, "Sí, quedan tres.")
    preview = visitor.widget.locator(".preview")
    await expect(preview).to_be_in_viewport()
    await expect(preview).to_contain_text("Berta AgentSí, quedan tres.")
    await expect(visitor.widget.get_by_role("status").filter(has_text="Mensaje nuevo de Berta Agent")).to_have_count(1)
    await expect(page).to_have_title(re.compile(f"^1 mensaje nuevo · .{re.escape(title)}$"))
    await expect(button(page)).to_be_in_viewport()
    covered = await page.locator("palique-chat iframe").bounding_box()
    assert covered is not None
    assert covered["height"] < PHONE["height"] / 4
    await nothing_found_in_either_theme(page, "preview")
    await visitor.shot("widget-preview")
    # Dismissed for good; a newer message shows again.
    await visitor.widget.get_by_role("button", name="Ocultar este mensaje").click()
    await expect(page.locator("palique-chat iframe")).to_be_hidden()
    await expect(page).to_have_title(title)
    await page.reload()
    await expect(button(page)).to_have_attribute("data-badge", "1")
    await expect(page.locator("palique-chat iframe")).to_be_hidden()
    await agent.reply(box, "¿Le reservo una?")
    await expect(preview).to_contain_text("¿Le reservo una?")
    await expect(agent.row_of(visitor)).to_contain_text(title.split(" ")[0])
    await expect(agent.row_of(visitor)).not_to_contain_text("mensaje nuevo")
    await preview.get_by_role("button", name="Berta Agent").click()
    await expect(visitor.widget.get_by_role("textbox")).to_be_focused()
    await expect(preview).to_have_count(0)
    await expect(page).to_have_title(title)


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


async def test_the_availability_of_agents_is_live(visitor: Person, admin: Person, agent: Person, public: str) -> None:
    """W-04, I-15."""
    await visitor.visit(public)
    await visitor.open_chat()
    state = visitor.widget.locator(".header").get_by_role("status")
    await expect(state).to_have_text("We are online")
    for one in (admin, agent):
        await one.page.get_by_role("button", name=re.compile("(Alma|Berta)")).first.click()
        await one.page.get_by_role("menuitemradio", name="Invisible").click()
    try:
        await expect(state).to_have_text("We are offline")
        await nothing_found_in_either_theme(visitor.page, "offline")
    finally:
        for one in (admin, agent):
            await one.page.get_by_role("button", name=re.compile("(Alma|Berta)")).first.click()
            await one.page.get_by_role("menuitemradio", name="Online").click()
    await expect(state).to_have_text("We are online")


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
    try:
        await question.get_by_role("button", name="Turn off").click()
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
