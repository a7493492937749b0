"""One conversation with everything beside it, and what can be done with it."""

import re

import pytest_asyncio
from playwright.async_api import Locator, StorageState, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import Person
from tests.browser.conftest import Arrive


@pytest_asyncio.fixture(loop_scope="session")
async def window(agent: Person, visitor: Person, public: str) -> Locator:
    """The agent's maximised window of a chat with the visitor."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Is it dishwasher safe?")
    box = await agent.accept(visitor)
    await agent.reply(box, "Yes, all of them.")
    await box.get_by_role("button", name="Maximise").click()
    await box.get_by_role("complementary", name="Visitor details").wait_for()
    return box


async def act(agent: Person, window: Locator, action: str) -> None:
    await window.get_by_role("button", name="Actions").click()
    await agent.page.get_by_role("menuitem", name=action).click()


async def test_details_stand_beside_the_conversation(agent: Person, visitor: Person, window: Locator) -> None:
    """S-48, S-49, S-50, S-60."""
    name = await agent.name_of(visitor)
    await expect(window.get_by_role("heading", name=name, level=2)).to_be_visible()
    facts = window.get_by_role("complementary", name="Visitor details")
    for label in ("Location", "IP address", "Browser", "System", "Device"):
        await expect(facts.get_by_text(label, exact=True)).to_be_visible()
    await expect(facts).to_contain_text("127.0.0.1")
    frame, menu = await window.bounding_box(), await window.get_by_role("button", name="Actions").bounding_box()
    assert frame is not None
    assert menu is not None
    assert menu["x"] - frame["x"] < 40
    assert menu["y"] - frame["y"] < 40


async def test_date_person_and_message_are_distinguishable(window: Locator) -> None:
    """S-54, S-55, S-56, S-57."""
    log = window.get_by_role("log")
    await expect(log.locator(".log-day")).to_have_text(re.compile(r"^\w+day, \d{1,2} \w+ \d{4}$"))
    theirs, ours = log.locator(".said-theirs"), log.locator(".said-ours")
    await expect(theirs.locator(".said-name")).to_have_text(re.compile("^Visitor"))
    await expect(theirs).to_contain_text("Is it dishwasher safe?")
    await expect(ours.locator(".said-name")).to_have_text("Berta Agent")
    await expect(ours).to_contain_text("Yes, all of them.")
    for said in (theirs, ours):
        await expect(said.locator("time")).to_have_text(re.compile(r"\d?\d:\d\d"))
        await expect(said.locator(".avatar")).to_be_visible()
    area = window.get_by_role("textbox", name="Write a message")
    await area.fill("One line")
    await area.press("Shift+Enter")
    await area.press_sequentially("and another")
    await expect(area).to_have_value("One line\nand another")
    await area.press("Enter")
    await expect(log.get_by_text("and another")).to_be_visible()
    await expect(area).to_have_value("")


async def test_a_chat_becomes_one_ticket_however_often(agent: Person, visitor: Person, window: Locator) -> None:
    """S-07, S-51."""
    tickets = []
    for _ in range(2):
        await act(agent, window, "Ticket from chat")
        notice = window.get_by_role("status").filter(has_text="Ticket")
        await expect(notice).to_have_text(re.compile(r"Ticket #\d+\s*Assigned to you"))
        tickets.append(await notice.get_by_role("link").get_attribute("href"))
        await window.get_by_role("button", name="Close the notice").click()
        await expect(notice).to_have_count(0)
    assert tickets[0] == tickets[1]


async def test_ticket_from_chat_keeps_the_agent_in_the_chat(agent: Person, visitor: Person, window: Locator) -> None:
    """S-51: the notice is in the chat's window, compact or maximised, with a link to the ticket."""
    page = agent.page
    before, composer = page.url, window.get_by_role("textbox", name="Write a message")
    await composer.fill("One moment, I")
    await act(agent, window, "Ticket from chat")
    link = window.get_by_role("link", name=re.compile(r"Ticket #\d+"))
    await expect(link).to_be_visible()
    assert page.url == before
    await expect(composer).to_have_value("One moment, I")
    await nothing_found_in_either_theme(page, "ticket notice")
    await window.get_by_role("button", name="Restore").click()
    await link.click()
    main = page.get_by_role("main")
    await expect(main.get_by_text("Is it dishwasher safe?")).to_be_visible()
    await expect(main.get_by_label("Assignee").locator("option:checked")).to_have_text("Berta Agent")
    await expect(link).to_have_count(0)
    await expect(composer).to_have_value("One moment, I")


async def test_the_whole_log_is_one_action_away(agent: Person, window: Locator) -> None:
    """S-52."""
    await act(agent, window, "View log")
    log = agent.page.get_by_role("main").get_by_role("log")
    for text in ("started the chat", "Is it dishwasher safe?", "took the chat", "Yes, all of them."):
        await expect(log.get_by_text(text)).to_be_visible()


async def test_closing_shows_the_visitor_the_end_and_the_next_message_opens_a_new_chat(
    agent: Person, visitor: Person, window: Locator
) -> None:
    """S-53, S-12, I-25."""
    page = agent.page
    name = await agent.name_of(visitor)
    await act(agent, window, "Close session")
    await page.get_by_role("dialog").get_by_role("button", name="Close session").click()
    await expect(visitor.widget.get_by_role("log")).to_contain_text("The chat was closed")
    await visitor.write("One more thing")
    await expect(visitor.widget.get_by_text("One more thing")).to_have_count(1)
    await agent.show_chats()
    await expect(
        agent.chats.get_by_role("listitem").filter(has_text=name).get_by_role("button", name="Accept")
    ).to_be_visible()

    await page.goto(f"{page.url.split('/dashboard')[0]}/dashboard/")
    await page.get_by_role("link", name="Chat logs").click()
    row = page.get_by_role("row").filter(has_text=name)
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("Berta Agent")
    await expect(row).to_contain_text(re.compile(r"\d{1,2} \w+ \d{4}"))
    await row.get_by_role("link").first.click()
    await expect(page.get_by_role("main").get_by_text("Yes, all of them.")).to_be_visible()
    flag = page.get_by_role("button", name="Flag for review")
    await flag.click()
    await expect(page.get_by_role("button", name="Flagged")).to_have_attribute("aria-pressed", "true")


async def test_concurrent_edits_of_two_agents_show_both_versions(
    agent: Person, visitor: Person, window: Locator, arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """S-58, S-59."""
    other = await arrive(storage_state=sessions["agent2"])
    await other.open_dashboard(public)
    await other.row_of(visitor).locator(".vname").click()
    theirs = other.page.get_by_role("dialog").get_by_role("textbox", name="Bio")
    await theirs.fill("Collects teapots")
    mine = window.get_by_role("textbox", name="Bio")
    await mine.fill("Collects vases")
    await other.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await expect(other.page.get_by_role("dialog").get_by_role("button", name="Save")).to_have_count(0)
    save = window.get_by_role("button", name="Save")
    if await save.count():
        await save.click()
    clash = window.get_by_role("alert").filter(has_text="Someone else changed this")
    await expect(clash).to_contain_text("Collects vases")
    await expect(clash).to_contain_text("Collects teapots")
    await nothing_found_in_either_theme(agent.page, "conflict")
    await clash.get_by_role("button", name="Keep theirs").click()
    await expect(mine).to_have_value("Collects teapots")
    await window.get_by_role("textbox", name="Write a note. Visitors cannot see it.").fill("Calls on Mondays")
    await window.get_by_role("button", name="Add note").click()
    await expect(window.get_by_text("Calls on Mondays")).to_be_visible()
