"""A visitor's messages: how far they got, and their way past reloads, sleep and a lost network."""

import re

from playwright.async_api import expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Arrive
from tests.browser.shop import button


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
