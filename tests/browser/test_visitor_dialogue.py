"""Everything about one visitor: what agents know, write down and start from there."""

import re

from playwright.async_api import Locator, StorageState, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import Person
from tests.browser.conftest import Arrive


async def opened(agent: Person, visitor: Person) -> Locator:
    """The dialogue of the visitor, from their row."""
    await agent.row_of(visitor).locator(".vname").click()
    dialogue = agent.page.get_by_role("dialog")
    await dialogue.get_by_role("heading", name="User details").wait_for()
    return dialogue


async def test_details_are_edited_in_place_and_stay(agent: Person, visitor: Person, public: str) -> None:
    """S-18, S-24, S-25, S-26."""
    await visitor.visit(public)
    dialogue = await opened(agent, visitor)
    name, email = dialogue.get_by_label("Full name"), dialogue.get_by_label("E-mail")
    await name.fill(f"Nora {visitor.tag}")
    await email.fill("nora(at)example.com")
    await dialogue.get_by_label("Phone").fill("+34 600 000 000")
    save = dialogue.get_by_role("button", name="Save")
    await save.click()
    await expect(dialogue.get_by_text("Enter a valid e-mail address.")).to_be_visible()
    await email.fill("Nóra@münchen.example")
    await save.click()
    await expect(save).to_have_count(0)
    await agent.page.keyboard.press("Escape")
    await expect(agent.row_of(visitor)).to_contain_text(f"Nora {visitor.tag}")

    # The next visit is the same person's.
    await visitor.page.goto("about:blank")
    await visitor.visit(public, "/demo/cart")
    await agent.page.reload()
    dialogue = await opened(agent, visitor)
    await expect(dialogue.get_by_label("Full name")).to_have_value(f"Nora {visitor.tag}")
    await expect(dialogue.get_by_label("E-mail")).to_have_value("Nóra@münchen.example")
    await expect(dialogue.get_by_label("Phone")).to_have_value("+34 600 000 000")


async def test_concurrent_edits_of_details_are_resolved_side_by_side_and_both_notes_stay(
    agent: Person, visitor: Person, arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """S-24, S-26, S-27, S-59."""
    await visitor.visit(public)
    other = await arrive(storage_state=sessions["agent2"])
    await other.open_dashboard(public)
    mine, theirs = await opened(agent, visitor), await opened(other, visitor)
    await mine.get_by_label("Phone").fill("+34 600 000 001")
    await mine.get_by_label("Full name").fill(f"Ana {visitor.tag}")
    await theirs.get_by_label("Phone").fill("+34 600 000 002")
    await theirs.get_by_role("button", name="Save").click()
    await expect(theirs.get_by_role("button", name="Save")).to_have_count(0)
    await mine.get_by_role("button", name="Save").click()
    clash = mine.get_by_role("alert").filter(has_text="Someone else changed this")
    await expect(clash).to_contain_text(re.compile(r"Phone.*000 001.*000 002", re.DOTALL))
    await expect(clash).not_to_contain_text("Full name")
    await clash.get_by_role("button", name="Keep mine").click()
    await expect(mine.get_by_role("button", name="Save")).to_have_count(0)
    for dialogue, text in ((mine, "The first note"), (theirs, "The second note")):
        await dialogue.get_by_role("textbox", name="Write a note. Visitors cannot see it.").fill(text)
        await dialogue.get_by_role("button", name="Add note").click()
        await expect(dialogue.get_by_role("listitem").filter(has_text=text)).to_have_count(1)
    await expect(theirs.get_by_label("Phone")).to_have_value("+34 600 000 001")
    await expect(theirs.get_by_label("Full name")).to_have_value(f"Ana {visitor.tag}")
    await expect(theirs.get_by_role("listitem").filter(has_text="The first note")).to_have_count(1)


async def test_a_note_is_edited_by_its_author_and_by_administrators_with_conflicts_shown(
    agent: Person, visitor: Person, admin: Person, arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """S-27, S-59."""
    await visitor.visit(public)
    mine = await opened(agent, visitor)
    await mine.get_by_role("textbox", name="Write a note. Visitors cannot see it.").fill("Calls on Monday")
    await mine.get_by_role("button", name="Add note").click()
    colleague = await arrive(storage_state=sessions["agent2"])
    await colleague.open_dashboard(public)
    others, ruling = await opened(colleague, visitor), await opened(admin, visitor)
    await expect(others.get_by_text("Calls on Monday")).to_be_visible()
    await expect(others.get_by_role("button", name="Edit the note")).to_have_count(0)

    for dialogue, text in ((mine, "Calls on Tuesday"), (ruling, "Calls on Friday")):
        await dialogue.get_by_role("button", name="Edit the note").click()
        field = dialogue.get_by_role("textbox", name="Edit the note")
        await expect(field).to_be_focused()
        await expect(field).to_have_value("Calls on Monday")
        await field.fill(text)
    notes = mine.locator(".notes-list")
    await notes.get_by_role("button", name="Save").click()
    await expect(notes).to_contain_text(re.compile(r"Calls on Tuesday.*edited by Berta Agent", re.DOTALL))
    await expect(notes.get_by_role("button", name="Edit the note")).to_be_focused()
    await ruling.locator(".notes-list").get_by_role("button", name="Save").click()
    clash = ruling.get_by_role("alert").filter(has_text="Someone else changed this")
    await expect(clash).to_contain_text(re.compile(r"Calls on Friday.*Calls on Tuesday", re.DOTALL))
    await nothing_found_in_either_theme(admin.page, "note conflict")
    await clash.get_by_role("button", name="Keep mine").click()
    await expect(ruling.locator(".notes-list")).to_contain_text(
        re.compile(r"Calls on Friday.*Berta Agent.*edited by Alma Admin", re.DOTALL)
    )


async def test_notes_come_before_any_chat_and_never_reach_the_visitor(
    agent: Person, visitor: Person, public: str
) -> None:
    """S-18, S-27, I-20."""
    heard: list[str] = []
    visitor.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(str(frame))))
    await visitor.visit(public)
    dialogue = await opened(agent, visitor)
    await dialogue.get_by_role("textbox", name="Write a note. Visitors cannot see it.").fill("Wants a discount")
    await dialogue.get_by_role("button", name="Add note").click()
    note = dialogue.get_by_role("listitem").filter(has_text="Wants a discount")
    await expect(note).to_contain_text("Berta Agent")
    await agent.page.keyboard.press("Escape")
    await visitor.open_chat()
    await visitor.write("Hello?")
    await agent.accept(visitor)
    await expect(visitor.widget.get_by_text("Berta Agent").first).to_be_visible()
    assert heard
    assert not any("discount" in frame for frame in heard)
    assert "discount" not in await visitor.widget.locator("body").inner_text()


async def test_place_computer_and_pages_are_shown(agent: Person, arrive: Arrive, public: str) -> None:
    """S-05, S-28, S-29."""
    someone = await arrive(
        user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
    )
    for path in ("/demo", "/demo/bowl", "/demo/cart"):
        await someone.visit(public, path)
        await expect(agent.row_of(someone)).to_contain_text(f"{path}?who")
    dialogue = await opened(agent, someone)
    for name, value in (
        ("Location", "Local"),
        ("IP address", "127.0.0.1"),
        ("Browser", "Firefox"),
        ("System", "Windows"),
    ):
        await expect(dialogue.locator(".fact").filter(has_text=name).first).to_contain_text(value)
    pages = dialogue.locator(".pages-one")
    await expect(pages).to_have_count(3)
    for place, path in enumerate(("/demo/cart", "/demo/bowl", "/demo")):
        await expect(pages.nth(place)).to_contain_text(f"{path}?who")
        await expect(pages.nth(place).locator("time")).to_have_attribute("datetime", re.compile(r"^\d{4}-\d\d-\d\dT"))


async def test_a_chat_starts_once_and_is_resumed_ever_after(agent: Person, visitor: Person, public: str) -> None:
    """S-30, I-6."""
    await visitor.visit(public)
    box = agent.box(await agent.name_of(visitor))
    for _ in range(2):
        dialogue = await opened(agent, visitor)
        await dialogue.get_by_role("button", name="Chat with this visitor").click()
        await expect(box.get_by_role("textbox", name="Write a message")).to_be_focused()
    await agent.reply(box, "Good morning!")
    await expect(box.get_by_text("started the chat")).to_have_count(1)
    await expect(agent.page.locator(f"[aria-label='{await agent.name_of(visitor)}']")).to_have_count(1)
    await expect(visitor.widget.get_by_text("Good morning!")).to_have_count(1)


async def test_earlier_chats_are_at_hand_in_the_current_one(
    agent: Person, visitor: Person, arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """S-06."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("The first question")
    box = await agent.accept(visitor)
    await expect(box.get_by_text("The first question")).to_be_visible()
    await box.get_by_role("button", name="Actions").click()
    await agent.page.get_by_role("menuitem", name="Close session").click()
    await agent.page.get_by_role("dialog").get_by_role("button", name="Close session").click()
    await expect(visitor.widget.get_by_role("log")).to_contain_text("The chat was closed")
    await visitor.write("The second question")
    other = await arrive(storage_state=sessions["agent2"])
    await other.open_dashboard(public)
    box = await other.accept(visitor)
    await expect(box.get_by_text("The second question")).to_be_visible()
    await box.get_by_role("button", name="Maximise").click()
    earlier = box.locator(".pane").filter(has_text="Earlier chats")
    await expect(earlier.get_by_role("link")).to_have_count(1)
    await earlier.get_by_role("link").click()
    await expect(other.page.get_by_text("The first question")).to_be_visible()
