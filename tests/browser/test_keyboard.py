"""The dashboard without a mouse: shortcuts, their list, and the palette (issue 12, B6)."""

import re

from playwright.async_api import Locator, Page, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.keys import Keys
from tests.browser.waiting import asks, no_other_chat_waits, two_waiting

__all__ = ["no_other_chat_waits"]

# What Safari sends for the last key of a composition: only `keyCode` shows that it belongs to it.
COMPOSED = """(key) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, keyCode: 229, bubbles: true, cancelable: true }))"""


def composer(page: Page) -> Locator:
    return page.locator("textarea:focus")


async def test_shortcuts_accept_walk_and_close_chats(agent: Person, arrive: Arrive, public: str) -> None:
    """W-07."""
    page, keys = agent.page, Keys(agent.page)
    people, names = await two_waiting(agent, arrive, public)
    boxes = [agent.box(name) for name in names]
    await page.locator("h1").first.evaluate("one => { one.tabIndex = -1; one.focus() }")
    await page.evaluate(COMPOSED, "a")
    for box in boxes:
        await keys.press("a")
        await expect(box.locator("textarea")).to_be_focused()
        await keys.press("Escape")
    await keys.press("r")
    # In a field a letter is a letter.
    await keys.write("ja")
    await expect(composer(page)).to_have_value("ja")
    await keys.press("Backspace", "Backspace")
    # Two chats: next and previous both lead to the other one, from inside the text area too.
    for key, box in (("Alt+ArrowDown", boxes[0]), ("Alt+ArrowUp", boxes[1])):
        await keys.press(key)
        await expect(box.locator("textarea")).to_be_focused()
    await keys.press("Escape")
    await expect(boxes[1]).to_have_count(0)
    assert names[1] in await keys.where()
    await keys.press("j")
    await expect(boxes[0].locator("textarea")).to_be_focused()
    # What was not read yet comes next.
    await people[1].write("Still there?")
    await expect(page.locator(".tab-unread", has_text=names[1])).to_be_visible()
    await keys.press("Alt+Shift+ArrowDown")
    await expect(boxes[1].locator("textarea")).to_be_focused()
    # The note, and back to the reply.
    await keys.press("Control+i")
    await expect(composer(page)).to_have_attribute("placeholder", "Write a note for your team")
    await keys.press("Control+i")
    await expect(composer(page)).to_have_attribute("placeholder", "Write a message")
    await close_with_keys(page, keys, names[1])


async def close_with_keys(page: Page, keys: Keys, name: str) -> None:
    # Escape answers no; the focus returns to the tab from which the question was asked.
    await keys.press("Escape", "c")
    await expect(page.get_by_role("dialog")).to_contain_text(name)
    await keys.press("Escape")
    assert name in await keys.where()
    await keys.press("c")
    await keys.press("Tab", "Enter")
    await expect(page.locator(".tab", has_text=name)).to_contain_text("Ended")
    # The same key then takes the ended chat away.
    await keys.press("c")
    await expect(page.locator(".tab", has_text=name)).to_have_count(0)


async def test_a_shortcut_without_a_chat_explains_itself(agent: Person) -> None:
    page, keys = agent.page, Keys(agent.page)
    await page.locator("h1").first.evaluate("one => { one.tabIndex = -1; one.focus() }")
    for key, text in (("n", "Open a chat first."), ("j", "No running chats"), ("u", "You have read all messages.")):
        await keys.press(key)
        await expect(page.locator(".toast")).to_contain_text(text)
    await keys.press("/")
    await expect(page.get_by_role("searchbox", name="Search visitors")).to_be_focused()


async def test_single_keys_can_be_switched_off(agent: Person, public: str) -> None:
    """WCAG 2.1.4. The choice stays after a reload; combinations and the palette go on working."""
    page, keys = agent.page, Keys(agent.page)
    await keys.press("Tab", "?")
    shown = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(shown.get_by_text("Accept the next waiting chat")).to_be_visible()
    await keys.to("Single-key shortcuts")
    await keys.press("Space")
    await expect(shown.get_by_role("switch")).not_to_be_checked()
    await expect(shown.locator(".shortcut", has_text="Accept the next waiting chat")).to_contain_text("Off")
    await keys.press("Escape")
    await expect(shown).to_have_count(0)
    await page.goto(f"{public}/dashboard/settings/profile")
    single = page.get_by_role("switch", name="Single-key shortcuts")
    await expect(single).not_to_be_checked()
    await keys.press("Tab", "?", "/")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await keys.press("Control+k")
    await keys.write("shortcuts")
    await keys.press("Enter")
    await expect(shown).to_be_visible()
    await keys.press("Escape")
    await single.focus()
    await keys.press("Space", "?")
    await expect(shown).to_be_visible()


async def test_the_palette_finds_people_chats_tickets_and_actions(agent: Person, arrive: Arrive, public: str) -> None:
    page, keys = agent.page, Keys(agent.page)
    palette = page.get_by_role("dialog", name="Search and actions")
    field = palette.get_by_role("combobox")
    chosen = palette.get_by_role("option", selected=True)
    visitor = await arrive()
    await asks(visitor, public, f"Where is order {visitor.tag}?")
    await expect(agent.row_of(visitor)).to_contain_text("Where is order")
    name = await agent.name_of(visitor)
    # A waiting chat, by what was written: picked, it is accepted.
    await keys.press("Tab", "Control+k")
    await expect(field).to_be_focused()
    await keys.write(f"ORDER {visitor.tag}")
    await expect(chosen).to_contain_text(f"Accept {name}")
    await keys.press("Enter")
    await expect(agent.box(name).locator("textarea")).to_be_focused()
    # An action on the chat in which the focus was.
    await keys.press("Control+k")
    await keys.write("ticket from")
    await expect(chosen).to_have_count(1)
    await keys.press("Enter")
    await expect(page.get_by_text(re.compile(r"#\d+")).first).to_be_visible()
    await choose_person(palette, keys, name)
    details = page.get_by_role("dialog").filter(has_text="User details")
    await expect(details).to_contain_text(name)
    # From a visitor's dialog, which it then closes: the ticket, by the name of its visitor.
    await keys.press("Control+k")
    await keys.write(name)
    ticket = palette.get_by_role("group", name="Tickets").get_by_role("option")
    await expect(ticket).to_contain_text(f"Chat with {name}")
    await keys.press("ArrowUp", "Enter")
    await expect(page.get_by_role("heading", level=1, name=re.compile("Chat with"))).to_be_focused()
    await expect(details).to_have_count(0)
    # What does not exist is not found; Escape leads back.
    await keys.press("Control+k")
    await keys.write("nothing like this")
    await expect(palette.get_by_role("status")).to_have_text("Nothing found.")
    await keys.press("Enter", "Escape")
    await expect(palette).to_have_count(0)
    assert "Chat with" in await keys.where()


async def choose_person(palette: Locator, keys: Keys, name: str) -> None:
    """A person, by name; the arrow keys choose, and begin again at the end."""
    field = palette.get_by_role("combobox")
    await keys.press("Control+k")
    await keys.write(name.lower())
    person = palette.get_by_role("group", name="People").get_by_role("option", name=name)
    await expect(person).to_have_count(1)
    for _ in range(await palette.get_by_role("option").count()):
        if await person.get_attribute("aria-selected") == "true":
            break
        await keys.press("ArrowDown")
    await expect(field).to_have_attribute("aria-activedescendant", await person.get_attribute("id") or "")
    await keys.press("Enter")
