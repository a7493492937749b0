"""Chat logs and tickets as agents use them: narrowed, reviewed, kept as files, commented, changed by two at once."""

import re
import time
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Page, StorageState, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Arrive
from tests.browser.guests import WINDOWS, Guest, seated
from tests.browser.tidy import end_chats
from tests.support.eventually import PATIENCE_S

# An answer that does not come is asked for again: the chat was perhaps not filed yet.
ANSWER_MS = 3_000


@pytest_asyncio.fixture(loop_scope="session")
async def word(visitor: Person, agent: Person, public: str) -> str:
    """A chat in which this word was said is over."""
    said = f"tetera{visitor.tag}"
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write(f"¿Una devolución de la {said}?")
    await visitor.widget.get_by_role("log").get_by_text(said).wait_for()
    box = await agent.accept(visitor)
    await agent.reply(box, "Claro que sí.")
    await box.get_by_role("button", name="Maximise").click()
    await agent.page.get_by_role("button", name="Actions").click()
    await agent.page.get_by_role("menuitem", name="Close session").click()
    await agent.page.get_by_role("button", name="Close session").last.click()
    await visitor.widget.get_by_role("log").get_by_text("The chat was closed").wait_for()
    return said


async def open_logs(page: Page, public: str) -> None:
    await page.goto(f"{public}/dashboard/logs")
    await page.get_by_role("heading", name="Chat logs").wait_for()


async def find(page: Page, word: str, chats: int = 1) -> None:
    """They are filed within seconds of their end: asks until they are there, each with its excerpt."""
    search = page.get_by_role("searchbox", name="Search messages")
    row = page.get_by_role("row").filter(has=page.locator("mark"))
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        await search.fill(f" {word.upper()} ")
        try:
            await expect(row).to_have_count(chats, timeout=ANSWER_MS)
        except AssertionError:
            await search.fill("")
        else:
            return
    raise AssertionError(f"{word} is not found")


async def kept_text(page: Page, folder: Path) -> str:
    """The log that is shown, as the file that an agent keeps."""
    async with page.expect_download() as kept:
        await page.get_by_role("link", name="As text").click()
    download = await kept.value
    assert re.fullmatch(r"chat-\d{4}-\d\d-\d\d-[0-9a-f]{32}\.txt", download.suggested_filename)
    await download.save_as(folder / "log.txt")
    return (folder / "log.txt").read_text()


async def test_a_log_is_found_reviewed_and_kept(
    agent: Person, arrive: Arrive, public: str, word: str, tmp_path: Path
) -> None:
    """S-12, S-52."""
    page = agent.page
    await open_logs(page, public)
    await agent.shot("logs-list")
    await find(page, word)
    await expect(page.locator("mark")).to_have_text([word])
    await expect(page.get_by_role("row").filter(has_text="¿Una devolución de la")).to_have_count(1)
    await agent.shot("logs-found")
    await page.get_by_role("button", name="Filters").click()
    await page.get_by_label("Review").select_option("Flagged")
    await expect(page.get_by_text("No chats match these filters")).to_be_visible()
    await agent.shot("logs-no-match")
    await page.get_by_label("Review").select_option("All chats")
    row = page.get_by_role("row").filter(has_text=re.compile("Visitor [0-9A-F]{4}"))
    await expect(row).to_have_count(1)
    await agent.shot("logs-filters")
    await row.get_by_role("link").click()
    await expect(page.get_by_role("log")).to_contain_text(word)
    await page.get_by_role("button", name="Flag for review").click()
    await expect(page.get_by_role("button", name="Flagged")).to_be_visible()
    assert word in await kept_text(page, tmp_path)
    await agent.shot("log")

    await page.get_by_role("link", name="Chat logs").last.click()
    await expect(page.get_by_role("searchbox", name="Search messages")).to_have_value(f" {word.upper()} ")
    await expect(row).to_have_count(1)
    await page.get_by_role("searchbox", name="Name, e-mail or id").fill("nobody at all")
    await expect(page.get_by_text("No chats match these filters")).to_be_visible()
    await page.get_by_role("button", name="Clear filters").click()
    await expect(page.get_by_role("row")).not_to_have_count(0)

    phone = await arrive(PHONE, storage_state=await agent.context.storage_state(), color_scheme="dark", locale="es-ES")
    await phone.page.goto(page.url)
    await phone.page.get_by_role("heading", level=1).wait_for()
    await phone.page.get_by_role("button", name=re.compile("Filtros|Filters")).click()
    await phone.shot("logs-phone")


async def test_a_country_narrows_the_logs(agent: Person, sessions: dict[str, StorageState], public: str) -> None:
    """S-12, S-19."""
    page, said = agent.page, f"jarrones{agent.tag}"
    places = {"Spain": "88.0.12.8", "France": "90.20.4.8"}
    guests = [Guest(address, WINDOWS, "/demo", said, says=(f"¿Y los {said}?",)) for address in places.values()]
    async with seated(public, guests):
        for place in places:
            row = page.get_by_role("row").filter(has_text=said).filter(has_text=place)
            await agent.accept_called(await row.locator(".vname").inner_text())
        await end_chats(public, sessions["agent"])
    await open_logs(page, public)
    await find(page, said, chats=2)
    await page.get_by_role("button", name="Filters").click()
    rows = page.get_by_role("row").filter(has_text=re.compile("Visitor [0-9A-F]{4}"))
    for place in places:
        await page.get_by_label("Country").select_option(place)
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text(place)
    await page.get_by_label("Country").select_option("Portugal")
    await expect(page.get_by_text("No chats match these filters")).to_be_visible()
    await page.get_by_label("Country").select_option("All countries")
    await expect(rows).to_have_count(2)


async def test_a_ticket_is_commented_and_changed_by_two(agent: Person, admin: Person, public: str, word: str) -> None:
    """S-51, S-59."""
    page, other = agent.page, admin.page
    await open_logs(page, public)
    await find(page, word)
    await page.get_by_role("row").filter(has_text=re.compile("Visitor")).get_by_role("link").click()
    await page.get_by_role("button", name="Ticket from chat").click()
    ticket = page.get_by_role("link", name=re.compile(r"^Ticket #\d+$"))
    await expect(ticket).to_be_focused()
    await expect(
        page.get_by_role("status").filter(has_text=re.compile(r"Ticket #\d+: Assigned to you"))
    ).to_be_visible()
    await ticket.click()
    await page.get_by_role("textbox", name="Write a comment").wait_for()
    number = await page.locator("h1 .muted").inner_text()
    await other.goto(page.url)

    await page.get_by_role("textbox", name="Write a comment").fill("Called them.\nTwice.")
    await page.get_by_role("button", name="Add comment").click()
    await expect(page.get_by_text("Called them.")).to_have_count(1)
    await page.get_by_label("Status").select_option("Solved")
    await expect(page.get_by_text("Open → Solved")).to_be_visible()
    await agent.shot("ticket")

    await other.get_by_label("Status").select_option("Pending")
    await expect(other.get_by_text("Which version do you want to keep?")).to_be_visible()
    await expect(other.get_by_label("Status")).to_have_value("solved")
    await nothing_found_in_either_theme(other, "ticket in conflict")
    await other.get_by_role("button", name="Keep mine").click()
    await expect(other.get_by_label("Status")).to_have_value("pending")
    await expect(other.get_by_text("Solved → Pending")).to_be_visible()
    await expect(other.get_by_text("Called them.")).to_have_count(1)

    await other.get_by_role("link", name="View log").click()
    await expect(other.get_by_role("log")).to_contain_text(word)
    await other.get_by_role("link", name=f"Ticket {number}").click()
    await expect(other.get_by_label("Status")).to_have_value("pending")

    await other.goto(f"{public}/dashboard/tickets")
    await other.get_by_role("searchbox", name="Search subject, number or name").fill(number)
    await expect(other.get_by_role("row").filter(has_text=number)).to_have_count(1)
    await other.get_by_role("button", name="Filters").click()
    await other.get_by_label("Priority").select_option("Urgent")
    await expect(other.get_by_text("No tickets match these filters")).to_be_visible()
    await other.get_by_label("Priority").select_option("All priorities")
    await expect(other.get_by_role("row").filter(has_text=number)).to_have_count(1)
    await admin.shot("tickets-list")
