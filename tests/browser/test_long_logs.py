"""Long logs: opened at the found message, rendered in a bounded part, complete while an agent scrolls (S-12, S-36, S-54)."""

import os
import uuid
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest_asyncio
from playwright.async_api import Error, Locator, Page, Route, StorageState, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Arrive
from tests.browser.tidy import end_chats
from tests.support.eventually import eventually
from tests.support.long_chat import LongChat, long_chat
from tests.support.stack import Stack

MESSAGES = 1_999
# With `opened`, `assigned` and `closed`.
HEAD = MESSAGES + 3
# A page of the dashboard with 150 messages; a log of 2,002 had 16,275 elements.
MOST_ELEMENTS = 2_500
FOUND = 1_200
# In one message of the log.
WORD = f"Łódź{uuid.uuid4().hex[:8]}"
# Scrolls to one end by most of a screen at a time, as a reader does. Returns the seqs that were in sight, in their order, the most
# elements of the page, what was rendered twice, and by how many pixels a message in sight jumped.
SCROLL = """async (log, up) => {
  const frames = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const report = { elements: 0, twice: [], jumps: [] };
  const seen = new Set(), elements = document.getElementsByTagName('*');
  const look = () => {
    const rendered = [...log.querySelectorAll('[data-seq]')];
    const seqs = rendered.map((one) => Number(one.dataset.seq));
    if (new Set(seqs).size < seqs.length) report.twice.push(...seqs.filter((seq, at) => seqs.indexOf(seq) !== at));
    report.elements = Math.max(report.elements, elements.length);
    const { top, bottom } = log.getBoundingClientRect();
    const inSight = rendered.filter((one) => {
      const box = one.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
    for (const one of up ? inSight.reverse() : inSight) seen.add(Number(one.dataset.seq));
    return inSight;
  };
  const atRest = () => (up ? log.scrollTop <= 0 : log.scrollHeight - log.scrollTop - log.clientHeight <= 1);
  let still = 0;
  while (still < 60) {
    const kept = look()[0];
    const y = kept?.getBoundingClientRect().top;
    const before = log.scrollTop;
    log.scrollTop += (up ? -0.7 : 0.7) * log.clientHeight;
    const wanted = y - (log.scrollTop - before);
    await frames();
    const now = kept && log.querySelector(`[data-seq="${kept.dataset.seq}"]`);
    // The first message of a page loses its head when the message before it is loaded.
    if (now && Math.abs(now.getBoundingClientRect().top - wanted) > 12)
      report.jumps.push([Number(now.dataset.seq), now.getBoundingClientRect().top - wanted]);
    still = atRest() ? still + 1 : 0;
  }
  look();
  return { ...report, seen: [...seen] };
}"""


class Scrolled(NamedTuple):
    """What `SCROLL` returns."""

    seen: list[int]
    elements: int
    twice: list[int]
    jumps: list[tuple[int, float]]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def home(stack: Stack | None) -> Path:
    return Path(os.environ["PALIQUE_BROWSER_HOME"]) if stack is None else stack.home


def texts(word: str) -> list[str]:
    """The number of a line is its seq."""
    return [f"Line {number}{f' with {word}.' if number == FOUND else ''}" for number in range(3, HEAD)]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def long_log(home: Path) -> LongChat:
    """A closed chat, which tests only read."""
    return await long_chat(home, texts(WORD))


async def scroll(log: Locator, *, up: bool) -> Scrolled:
    return Scrolled(**await log.evaluate(SCROLL, up))


def complete(scrolled: Scrolled, first: int, last: int) -> None:
    """Every entry between these seqs was in sight once, in order, and nothing jumped."""
    step = 1 if last > first else -1
    assert scrolled.twice == []
    assert scrolled.jumps == []
    assert scrolled.seen == list(range(first, last + step, step))
    assert scrolled.elements <= MOST_ELEMENTS


async def find(page: Page, public: str, word: str) -> Locator:
    """The row of the search result."""

    async def indexed() -> bool:
        answer = await page.request.get(f"{public}/api/v1/chats", params={"text": word})
        return bool((await answer.json())["items"])

    await eventually(indexed, sentence="the search finds the chat")
    await page.goto(f"{public}/dashboard/logs")
    await page.get_by_role("searchbox", name="Search messages").fill(word)
    row = page.get_by_role("row").filter(has=page.locator("mark"))
    await row.wait_for()
    return row


async def test_a_search_opens_the_log_at_the_found_message(agent: Person, public: str, long_log: LongChat) -> None:
    page = agent.page
    row = await find(page, public, WORD.lower().replace("ł", "l").replace("ó", "o").replace("ź", "z"))
    await expect(row.locator("mark")).to_have_text(WORD)
    await expect(row.locator(".excerpt")).to_have_text(f"Line {FOUND} with {WORD}.")
    await agent.shot("logs-excerpt")
    await nothing_found_in_either_theme(page, "search results with an excerpt")
    await row.get_by_role("link").click()
    hit = page.locator("article").filter(has_text=WORD)
    await expect(hit).to_be_in_viewport()
    await expect(hit).to_be_focused()
    await expect(hit).to_contain_text("Search result")
    assert page.url.endswith(f"/logs/{long_log.conversation}?at={FOUND}"), page.url
    assert await page.locator("*").count() <= MOST_ELEMENTS
    await agent.shot("log-at-hit")
    await nothing_found_in_either_theme(page, "log at a hit")
    await page.reload()
    await expect(hit).to_be_in_viewport()
    complete(await scroll(page.get_by_role("log"), up=False), FOUND - 3, HEAD)


async def test_a_log_opens_at_its_end_and_scrolling_shows_every_message(
    agent: Person, public: str, long_log: LongChat
) -> None:
    page = agent.page
    await page.goto(f"{public}/dashboard/logs/{long_log.conversation}")
    await expect(page.get_by_text(f"Line {HEAD - 1}", exact=True)).to_be_in_viewport()
    complete(await scroll(page.get_by_role("log"), up=True), HEAD, 1)
    complete(await scroll(page.get_by_role("log"), up=False), 1, HEAD)


async def test_the_keyboard_reaches_both_ends(agent: Person, public: str, long_log: LongChat) -> None:
    page = agent.page
    await page.goto(f"{public}/dashboard/logs/{long_log.conversation}?at={FOUND}")
    log = page.get_by_role("log")
    await expect(page.locator(f"[data-seq='{FOUND}']")).to_be_in_viewport()
    await log.focus()
    await page.keyboard.press("Home")
    await expect(page.get_by_text("Line 3", exact=True)).to_be_in_viewport()
    await expect(log).to_be_focused()
    await page.keyboard.press("End")
    await expect(page.get_by_text(f"Line {HEAD - 1}", exact=True)).to_be_in_viewport()
    await expect(log).to_be_focused()
    await page.keyboard.press("PageUp")
    await expect(page.get_by_role("button", name="Jump to newest")).to_be_visible()
    await page.get_by_role("button", name="Jump to newest").click()
    await expect(page.get_by_text(f"Line {HEAD - 1}", exact=True)).to_be_in_viewport()


async def test_a_late_page_is_ignored_and_a_lost_one_is_loaded_again(
    agent: Person, public: str, long_log: LongChat
) -> None:
    page = agent.page
    held: list[Route] = []

    async def hold(route: Route) -> None:
        held.append(route)

    await page.goto(f"{public}/dashboard/logs/{long_log.conversation}?at={FOUND}")
    await expect(page.locator(f"[data-seq='{FOUND}']")).to_be_in_viewport()
    await page.route("**/entries?limit=*", hold)  # the first page: `Home`
    log = page.get_by_role("log")
    await log.focus()
    await page.keyboard.press("Home")
    await eventually(lambda: held, sentence="the first page is requested")
    await page.keyboard.press("End")
    await expect(page.get_by_text(f"Line {HEAD - 1}", exact=True)).to_be_in_viewport()
    await page.unroute("**/entries?limit=*")
    with suppress(Error):  # the dashboard has cancelled it
        await held[0].continue_()
    await expect(page.get_by_text(f"Line {HEAD - 1}", exact=True)).to_be_in_viewport()

    lost = "**/entries?before=*"
    await page.route(lost, lambda route: route.abort())
    await log.evaluate("(log) => { log.scrollTop = 0; }")
    await expect(log.get_by_role("alert")).to_be_visible()
    await page.unroute(lost)
    await log.get_by_role("button", name="Show earlier messages").click()
    await expect(page.locator("[data-seq='1850']")).to_have_count(1)


async def test_a_long_chat_shows_every_message_and_follows_new_ones(
    agent: Person, public: str, home: Path, sessions: dict[str, StorageState]
) -> None:
    await agent.open_dashboard(public)
    me = (await (await agent.page.request.get(f"{public}/api/v1/me")).json())["agent"]
    last = f"Last {agent.tag}"
    await long_chat(home, [*texts("x")[:599], last], agent=me, closed=False)
    await agent.show_chats()
    await agent.chats.get_by_role("listitem").filter(has_text=last).get_by_role("button").first.click()
    log = agent.page.get_by_role("log")
    box = agent.page.get_by_role("region").filter(has=log).last
    await expect(log.get_by_text(last)).to_be_in_viewport()
    complete(await scroll(log, up=True), 602, 1)
    first = box.locator("[data-seq='3']")
    await expect(first).to_be_in_viewport()
    await box.get_by_role("textbox", name="Write a message").fill("Hello again.")
    await box.get_by_role("textbox", name="Write a message").press("Enter")
    await expect(first).to_be_in_viewport()
    complete(await scroll(log, up=False), 1, 603)
    await expect(box.get_by_text("Hello again.")).to_be_in_viewport()
    await end_chats(public, sessions["agent"])


async def test_a_long_talk_of_a_ticket_is_rendered_in_part(agent: Person, public: str, long_log: LongChat) -> None:
    page = agent.page
    await page.goto(f"{public}/dashboard/logs/{long_log.conversation}")
    await page.get_by_role("button", name="Ticket from chat").click()
    ticket = await (
        await page.request.post(f"{public}/api/v1/chats/{long_log.conversation}/ticket", headers={"Origin": public})
    ).json()
    await page.goto(f"{public}/dashboard/tickets/{ticket['id']}")
    await expect(page.get_by_text(f"Line {HEAD - 1}", exact=True)).to_be_in_viewport()
    # `opened`, `assigned` and `closed` are no messages.
    complete(await scroll(page.get_by_role("log"), up=True), HEAD - 1, 3)


async def test_a_long_log_on_a_phone(agent: Person, arrive: Arrive, public: str, long_log: LongChat) -> None:
    phone = await arrive(PHONE, storage_state=await agent.context.storage_state(), color_scheme="dark", locale="es-ES")
    page = phone.page
    await page.goto(f"{public}/dashboard/logs/{long_log.conversation}?at={FOUND}")
    await expect(page.locator(f"[data-seq='{FOUND}']")).to_be_in_viewport()
    await phone.shot("log-at-hit-phone")
    assert await page.locator("*").count() <= MOST_ELEMENTS
    complete(await scroll(page.get_by_role("log"), up=True), FOUND + 3, 1)


async def test_a_long_log_in_the_widget(
    agent: Person, visitor: Person, public: str, home: Path, sessions: dict[str, StorageState]
) -> None:
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write(f"Hello {agent.tag}")
    await visitor.widget.get_by_role("log").get_by_text(f"Hello {agent.tag}").wait_for()

    async def waiting() -> str | None:
        """Empty while the message is on its way; the widget shows it at once."""
        answer = await agent.page.request.get(f"{public}/api/v1/chats", params={"status": "waiting", "limit": 1})
        return next((str(chat["visitor"]["id"]) for chat in (await answer.json())["items"]), None)

    me = (await (await agent.page.request.get(f"{public}/api/v1/me")).json())["agent"]
    waits = await eventually(waiting, sentence="the chat waits")
    assert waits is not None
    await long_chat(home, texts("x")[:600], visitor=waits, agent=me, closed=False)
    log = visitor.widget.get_by_role("log")
    await expect(log.get_by_text("Line 602", exact=True)).to_be_in_viewport()
    bubbles = log.locator(".bubble")
    assert 100 <= await bubbles.count() <= 150
    await visitor.shot("widget-long-log")
    # The focus scrolls to the button, and near the top more is rendered.
    await log.get_by_role("button", name="Show earlier messages").focus()
    await expect(bubbles).to_have_count(300)
    await visitor.page.keyboard.press("Enter")
    await expect(bubbles).to_have_count(450)
    first = log.get_by_text(f"Hello {agent.tag}")
    while not await first.is_visible():
        await log.evaluate("(log) => { log.scrollTop -= log.clientHeight; }")
        await visitor.page.evaluate("() => new Promise(requestAnimationFrame)")
    assert await bubbles.count() == 601
    await log.evaluate("(log) => { log.scrollTop = log.scrollHeight; }")
    await expect(log.get_by_text("Line 602", exact=True)).to_be_in_viewport()
    await expect(bubbles).to_have_count(150)
    await end_chats(public, sessions["agent"])
