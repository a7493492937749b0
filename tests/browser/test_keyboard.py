"""The dashboard without a mouse: shortcuts, their list, the palette, one tab stop a list, and a day's work (issue 12, B6)."""

import re

import httpx
import pytest_asyncio
from playwright.async_api import Locator, Page, StorageState, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.guests import WINDOWS, Guest, seated
from tests.browser.keys import Keys
from tests.browser.tidy import end_chats

# What Safari sends for the last key of a composition: only `keyCode` shows that it belongs to it.
COMPOSED = """(key) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, keyCode: 229, bubbles: true, cancelable: true }))"""


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def no_other_chat_waits(public: str, sessions: dict[str, StorageState]) -> None:
    """The next waiting chat is that of the test."""
    cookies = {cookie["name"]: cookie["value"] for cookie in sessions["admin"]["cookies"]}
    async with httpx.AsyncClient(trust_env=False, cookies=cookies) as http:
        answer = await http.get(f"{public}/api/v1/chats", params={"status": "waiting"})
        answer.raise_for_status()
    await end_chats(public, sessions["admin"], [chat["conversation"] for chat in answer.json()["items"]])
    await end_chats(public, sessions["agent2"])


async def asks(visitor: Person, public: str, text: str) -> None:
    """The visitor comes and waits for an agent."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write(text)
    await visitor.widget.get_by_text(text).wait_for()


def composer(page: Page) -> Locator:
    return page.locator("textarea:focus")


async def test_shortcuts_accept_walk_and_close_chats(agent: Person, arrive: Arrive, public: str) -> None:
    """W-07."""
    page, keys = agent.page, Keys(agent.page)
    people = [await arrive() for _ in range(2)]
    names = []
    for number, one in enumerate(people):
        await asks(one, public, f"Question {number}")
        await expect(agent.row_of(one)).to_contain_text(f"Question {number}")
        names.append(await agent.name_of(one))
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
    # Escape answers no; the focus returns to the tab from which the question was asked.
    await keys.press("Escape", "c")
    await expect(page.get_by_role("dialog")).to_contain_text(names[1])
    await keys.press("Escape")
    assert names[1] in await keys.where()
    await keys.press("c")
    await keys.press("Tab", "Enter")
    await expect(page.locator(".tab", has_text=names[1])).to_contain_text("Ended")
    # The same key then takes the ended chat away.
    await keys.press("c")
    await expect(page.locator(".tab", has_text=names[1])).to_have_count(0)


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
    box = agent.box(name)
    # A waiting chat, by what was written: picked, it is accepted.
    await keys.press("Tab", "Control+k")
    await expect(field).to_be_focused()
    await keys.write(f"ORDER {visitor.tag}")
    await expect(chosen).to_contain_text(f"Accept {name}")
    await keys.press("Enter")
    await expect(box.locator("textarea")).to_be_focused()
    # An action on the chat in which the focus was.
    await keys.press("Control+k")
    await keys.write("ticket from")
    await expect(chosen).to_have_count(1)
    await keys.press("Enter")
    await expect(page.get_by_text(re.compile(r"#\d+")).first).to_be_visible()
    # A person, by name; the arrow keys choose, and begin again at the end.
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


async def stops(table: Locator) -> int:
    """How often Tab stops in it."""
    found = (
        "one => [...one.querySelectorAll('a[href], button, select, input')].filter((each) => each.tabIndex >= 0).length"
    )
    return int(await table.evaluate(found))


async def test_the_visitors_are_one_tab_stop(agent: Person, arrive: Arrive, public: str) -> None:
    """W-07: arrow keys reach every control of the table, and the focus stays when a row leaves."""
    page, keys = agent.page, Keys(agent.page)
    people = [await arrive() for _ in range(2)]
    for one in people:
        await one.visit(public)
        await expect(agent.row_of(one)).to_have_count(1)
    grid = page.get_by_role("grid", name="Online visitors")
    names = grid.locator("[data-visitor] .vname")
    await page.get_by_role("button", name="Filters").focus()
    await keys.press("Tab")
    await expect(names.first).to_be_focused()
    assert await stops(grid) == 1
    await keys.press("ArrowDown", "ArrowRight")
    await expect(grid.locator("[data-visitor]").nth(1).locator(".vpage")).to_be_focused()
    await keys.press("ArrowRight", "ArrowUp")
    await expect(grid.locator("[data-visitor]").first.get_by_role("button")).to_be_focused()
    await keys.press("ArrowUp")
    await expect(grid.get_by_role("button", name="Visitor", exact=True)).to_be_focused()
    await keys.press("End")
    await expect(names.last).to_be_focused()
    await keys.press("Home")
    await expect(names.first).to_be_focused()
    # Out of the table with one press, and back to the row.
    await keys.press("ArrowDown", "Tab")
    await expect(grid.locator(":focus")).to_have_count(0)
    await keys.press("Shift+Tab")
    await expect(names.nth(1)).to_be_focused()
    gone = agent.row_of(people[0])
    await gone.locator(".vname").focus()
    await people[0].context.close()
    await expect(gone).to_have_count(0)
    await keys.press("Shift")
    await expect(grid.locator("[data-visitor] :focus")).to_have_count(1)
    assert await stops(grid) == 1


async def test_the_last_of_many_visitors_is_one_key_away(agent: Person, public: str) -> None:
    """Only a part of the rows is rendered."""
    page, keys = agent.page, Keys(agent.page)
    many = [Guest(f"88.0.{n}.7", WINDOWS, "/demo/bowl", f"Bowl {n}") for n in range(150)]
    async with seated(public, many):
        grid = page.get_by_role("grid", name="Online visitors")
        await expect(page.locator(".live-count")).to_contain_text(re.compile(r"1[5-9]\d online"))
        rows = int(await grid.get_attribute("aria-rowcount") or 0)
        await page.get_by_role("button", name="Filters").focus()
        await keys.press("Tab", "End")
        await expect(grid.locator(f"[aria-rowindex='{rows}'] .vname")).to_be_focused()
        await keys.press("ArrowUp")
        await expect(grid.locator(f"[aria-rowindex='{rows - 1}'] .vname")).to_be_focused()
        await keys.press("Home")
        await expect(grid.locator("[aria-rowindex='2'] .vname")).to_be_focused()


async def test_the_list_of_chats_is_one_tab_stop(agent: Person, arrive: Arrive, public: str) -> None:
    page, keys = agent.page, Keys(agent.page)
    names = []
    for number in range(2):
        visitor = await arrive()
        await asks(visitor, public, f"Question {number}")
        await expect(agent.row_of(visitor)).to_contain_text(f"Question {number}")
        names.append(await agent.name_of(visitor))
    await agent.chats_button.focus()
    await keys.press("Enter")
    rows = agent.chats.get_by_role("listitem")
    await expect(rows.nth(1)).to_be_visible()
    assert await stops(agent.chats.locator(".chats-body")) == 1
    await keys.to(names[0], "Shift+Tab")
    await keys.press("ArrowDown", "ArrowRight")
    await expect(rows.nth(1).get_by_role("button", name="Accept")).to_be_focused()
    await keys.press("Enter")
    await expect(agent.box(names[1]).get_by_role("textbox")).to_be_focused()
    # Escape closes the list, and the focus returns to where it was opened from.
    await agent.chats.get_by_role("button").last.focus()
    await keys.press("Escape")
    await expect(agent.chats).to_have_count(0)
    await expect(page.locator(":focus")).to_have_count(1)


async def test_tickets_and_logs_are_one_tab_stop_each(admin: Person, arrive: Arrive, public: str) -> None:
    page, keys = admin.page, Keys(admin.page)
    for _ in range(2):
        visitor = await arrive()
        await asks(visitor, public, "A ticket, please")
        box = await admin.accept(visitor)
        conversation = await box.get_attribute("data-conversation")
        origin = {"Origin": public}
        await page.request.post(f"{public}/api/v1/chats/{conversation}/ticket", headers=origin)
        await admin.reply(box, "Done")
    await end_chats(public, await admin.context.storage_state())
    for place, title in (("tickets", "Tickets"), ("logs", "Chat logs")):
        await page.goto(f"{public}/dashboard/{place}")
        grid = page.get_by_role("grid", name=title)
        rows = grid.locator(".table-row")
        await expect(rows.nth(1)).to_be_visible()
        assert await stops(grid) == 1
        await page.get_by_role("button", name="Filters").focus()
        await keys.press("Tab")
        await expect(rows.first.locator("a")).to_be_focused()
        await keys.press("ArrowDown", "End", "Home", "ArrowDown")
        await expect(rows.nth(1).locator("a")).to_be_focused()
        name = await keys.where()
        await keys.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_contain_text(name)
        await expect(page.get_by_role("heading", level=1)).to_be_focused()


async def test_a_days_work_by_keyboard_alone(arrive: Arrive, public: str) -> None:
    """W-07, S-08, S-30, S-47, S-51, S-53: nothing is clicked, and the focus is never lost."""
    agent = await arrive()
    page, keys = agent.page, Keys(agent.page)
    await page.add_init_script("addEventListener('pointerdown', () => { throw new Error('a mouse was used') }, true)")
    await page.goto(f"{public}/dashboard/")
    await expect(page.get_by_label("E-mail")).to_be_focused()
    await keys.write("agent2@palique.test")
    await keys.press("Tab")
    await keys.write("palique-demo")
    await keys.press("Enter")
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_have_text("Online visitors")
    await expect(heading).to_be_focused()
    # Somewhere else and back.
    for query, title in (("logs", "Chat logs"), ("online vis", "Online visitors")):
        await keys.press("Control+k")
        await keys.write(query)
        await keys.press("Enter")
        await expect(heading).to_have_text(title)
        await expect(heading).to_be_focused()
    people = [await arrive() for _ in range(2)]
    names = []
    for number, one in enumerate(people):
        await asks(one, public, f"Question {number}")
        await expect(agent.row_of(one)).to_contain_text(f"Question {number}")
        names.append(await agent.name_of(one))
    first, second = (agent.box(name) for name in names)
    # The visitor's details, from the list.
    await keys.press("/")
    await keys.write(people[0].tag)
    await expect(page.locator("[data-visitor]")).to_have_count(1)
    await keys.to(names[0])
    await keys.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("User details")
    await keys.press("Escape")
    assert await keys.where() == names[0]
    # Accept, answer, leave a note.
    await keys.press("a")
    await expect(first.get_by_role("textbox")).to_be_focused()
    await keys.write("Good morning!")
    await keys.press("Enter", "Control+i")
    await keys.write("Prefers mornings")
    await keys.press("Enter", "Control+i")
    await people[0].widget.get_by_text("Good morning!").wait_for()
    await expect(first.locator(".said-note")).to_contain_text("Prefers mornings")
    await expect(people[0].widget.get_by_text("Prefers mornings")).to_have_count(0)
    # Its ticket.
    await keys.press("Escape")
    assert names[0] in await keys.where()
    await keys.press("t")
    await expect(page.get_by_text(re.compile(r"#\d+")).first).to_be_visible()
    # The next waiting chat, and between both.
    await keys.press("Control+k")
    await keys.write("accept the next")
    await keys.press("Enter")
    await expect(second.get_by_role("textbox")).to_be_focused()
    await keys.write("And to you!")
    await keys.press("Enter", "Alt+ArrowDown")
    await expect(first.get_by_role("textbox")).to_be_focused()
    await keys.press("Alt+ArrowDown")
    await expect(second.get_by_role("textbox")).to_be_focused()
    # Close it, with a question first.
    await keys.press("Control+k")
    await keys.write("close session")
    await keys.press("Enter")
    await expect(page.get_by_role("dialog")).to_contain_text(names[1])
    await keys.press("Tab", "Enter")
    await expect(second.get_by_text("This chat has ended.")).to_be_visible()
    # Find the ticket and comment it.
    await keys.press("Control+k")
    await keys.write(names[0])
    ticket = page.get_by_role("group", name="Tickets").get_by_role("option")
    await expect(ticket).to_have_count(1)
    await keys.press("ArrowUp", "Enter")
    await expect(heading).to_contain_text(names[0])
    await keys.to("Write a comment")
    await keys.write("Called back")
    await keys.to("Add comment")
    await keys.press("Enter")
    await expect(page.locator(".activity-comment")).to_contain_text("Called back")
    await keys.press("Alt+ArrowDown")
    await expect(first.get_by_role("textbox")).to_be_focused()
    await keys.press("Escape", "c", "Tab", "Enter")
    await expect(page.locator(".tab", has_text=names[0])).to_contain_text("Ended")
    # Home.
    await keys.press("Control+k")
    await keys.write("sign out")
    await keys.press("Enter")
    await expect(page.get_by_label("E-mail")).to_be_focused()
