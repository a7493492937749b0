"""The list of online visitors and the data that it shows without a click."""

import asyncio
import json
import re
import time
from collections.abc import Callable

from playwright.async_api import Route, StorageState, WebSocket, WebSocketRoute, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import Person
from tests.browser.conftest import Arrive


async def test_the_list_follows_visitors_without_a_reload(agent: Person, visitor: Person, public: str) -> None:
    """S-10, S-14, S-15, S-20."""
    row = agent.row_of(visitor)
    await expect(row).to_have_count(0)
    await visitor.visit(public)
    await expect(row).to_have_count(1)
    link = row.get_by_role("link", name=re.compile("Barro"))
    await expect(link).to_have_attribute("href", f"{public}/demo?who={visitor.tag}")
    await visitor.visit(public, "/demo/vase")
    await expect(row).to_contain_text("/demo/vase")
    await expect(row.get_by_role("link", name=re.compile("Vase"))).to_be_visible()
    # A navigation within the page counts, too.
    await visitor.page.evaluate(
        "history.pushState(null, '', location.href + '&glaze=blue'); document.title = 'Blue vase'"
    )
    await expect(row).to_contain_text("Blue vase")
    await visitor.context.close()
    await expect(row).to_have_count(0)


async def test_spans_follow_the_server_when_the_agents_clock_is_30_hours_ahead(
    arrive: Arrive, sessions: dict[str, StorageState], visitor: Person, public: str
) -> None:
    late = await arrive(storage_state=sessions["agent2"])
    await late.page.clock.install(time=time.time() + 30 * 3600)
    await late.open_dashboard(public)
    await visitor.visit(public)
    row = late.row_of(visitor)
    await expect(row).to_have_count(1)
    await expect(row.get_by_text("< 1 min", exact=True)).not_to_have_count(0)
    await expect(row.get_by_text(re.compile(r"^\d+ (h|d)"))).to_have_count(0)


async def test_the_live_number_is_that_of_the_rows(agent: Person, arrive: Arrive, public: str) -> None:
    """S-11, S-33, I-32."""
    page = agent.page
    for _ in range(2):
        someone = await arrive()
        await someone.visit(public)
        await expect(agent.row_of(someone)).to_have_count(1)
    # Those of other tests may leave meanwhile: the three figures agree once nothing moves.
    agree = """() => {
        const number = (id) => document.querySelector(`[data-testid=${id}]`)?.textContent.trim();
        const rows = `${document.querySelectorAll('.vline:not(.vline-gone)').length}`;
        return number('online-number') === rows && number('master-online') === rows;
    }"""
    await page.wait_for_function(agree)


async def test_the_list_shows_place_and_device_without_a_click(agent: Person, arrive: Arrive, public: str) -> None:
    """S-05, S-16, S-19."""
    someone = await arrive(
        user_agent="Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
    )
    await someone.visit(public, "/demo/bowl")
    row = agent.row_of(someone)
    await expect(row).to_contain_text("Local")
    await expect(row).to_contain_text("Firefox")
    await expect(row).to_contain_text("Windows")
    await expect(row).to_contain_text("/demo/bowl")


async def test_visits_are_sessions_and_chats_those_that_the_visitor_started(
    agent: Person, visitor: Person, public: str
) -> None:
    """S-21, S-22, I-11."""
    await visitor.visit(public)
    row = agent.row_of(visitor)
    visits, chats = row.locator(".vcell-visits"), row.locator(".vcell-chats")
    await expect(visits).to_contain_text("1")
    await expect(chats).to_contain_text("0")
    await visitor.page.reload()
    second = await visitor.context.new_page()
    await second.goto(f"{public}/demo/cart?who={visitor.tag}")
    await expect(row).to_contain_text("/demo/cart")
    await expect(row).to_have_count(1)
    await expect(visits).to_contain_text("1")
    # A chat that the agent starts is not the visitor's.
    await row.get_by_role("button", name=re.compile("^Chat with")).click()
    box = agent.box(await agent.name_of(visitor))
    await agent.reply(box, "May I help you?")
    await expect(row).to_contain_text("In a chat")
    await expect(chats).to_contain_text("0")


async def test_the_visitors_name_opens_the_whole_dialogue(agent: Person, visitor: Person, public: str) -> None:
    """S-17, S-23."""
    await visitor.visit(public)
    await agent.row_of(visitor).locator(".vname").click()
    dialogue = agent.page.get_by_role("dialog")
    for title in ("User details", "Notes", "Location and computer", "Last visited pages", "Earlier chats"):
        await expect(dialogue.get_by_role("heading", name=title)).to_be_visible()
    await agent.page.keyboard.press("Escape")
    await expect(dialogue).to_have_count(0)


async def test_the_keyboard_walks_through_the_list_and_opens_a_visitor(
    agent: Person, arrive: Arrive, public: str
) -> None:
    """S-17, W-07."""
    page = agent.page
    for _ in range(2):
        someone = await arrive()
        await someone.visit(public)
        await expect(agent.row_of(someone)).to_have_count(1)
    names = page.locator("[data-visitor] .vname")
    await names.first.focus()
    await page.keyboard.press("ArrowDown")
    await expect(names.nth(1)).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(names.first).to_be_focused()
    chosen = await names.first.inner_text()
    await page.keyboard.press("Enter")
    dialogue = page.get_by_role("dialog")
    await expect(dialogue.locator(".vhead-names")).to_contain_text(chosen)
    await page.keyboard.press("Escape")
    await expect(names.filter(has_text=chosen).first).to_be_focused()


async def test_every_column_sorts_and_narrows_the_list(agent: Person, arrive: Arrive, public: str) -> None:
    """S-16, S-19, S-20, S-21, S-22."""
    page = agent.page
    someone = await arrive()
    await someone.visit(public)
    row = agent.row_of(someone)
    await expect(row).to_have_count(1)
    columns = page.get_by_role("columnheader")
    for place in range(7):
        head = columns.nth(place)
        await head.get_by_role("button").click()
        await expect(head).to_have_attribute("aria-sort", re.compile("ascending|descending"))
        await expect(row).to_have_count(1)
    await page.get_by_role("button", name="Filters").click()
    searched = page.get_by_role("searchbox", name="Search visitors")
    for field, other, all_ in (
        ("State", "In a chat", "All states"),
        ("Visits", "10 or more", "No minimum"),
        ("Chats", "3 or more", "No minimum"),
        ("Time on the page", "60 min or more", "No minimum"),
        ("Time on the site", "60 min or more", "No minimum"),
    ):
        await page.get_by_label(field, exact=True).select_option(other)
        await expect(row, field).to_have_count(0)
        await page.get_by_label(field, exact=True).select_option(all_)
        await expect(row, field).to_have_count(1)
    for box in (page.get_by_label("Page (title or address)"), searched):
        await box.fill("nothing like this")
        await expect(page.get_by_text("No visitors match these filters")).to_be_visible()
        await box.fill(someone.tag)
        await expect(row).to_have_count(1)
        await box.fill("")


def _without_the_list(socket: WebSocketRoute) -> None:
    """What a gateway does that sheds what can wait: all but the list goes on."""
    server = socket.connect_to_server()
    told = ("visitors", "visitors_changed")
    server.on_message(lambda frame: None if json.loads(frame)["type"] in told else socket.send(frame))


async def test_a_list_without_data_shows_an_error(agent: Person, visitor: Person, public: str) -> None:
    """S-14: old, late or out of reach, it never passes for the moment's truth."""
    page = agent.page
    await visitor.visit(public)
    await expect(agent.row_of(visitor)).to_have_count(1)
    await page.context.set_offline(True)
    await expect(page.get_by_text("Not live: the connection was lost")).to_be_visible()
    await expect(agent.row_of(visitor)).to_have_count(1)
    await nothing_found_in_either_theme(page, "offline")
    await page.context.set_offline(False)
    await expect(page.get_by_text("Not live: the connection was lost")).to_have_count(0)
    busy = await page.context.new_page()
    await busy.route_web_socket(re.compile("/ws/agent"), _without_the_list)
    await busy.goto(f"{public}/dashboard/")
    await expect(busy.locator("main .skeleton")).to_be_visible()
    await expect(busy.get_by_text("The server is busy")).to_be_visible()
    await nothing_found_in_either_theme(busy, "busy")


async def test_the_first_row_waits_for_no_other_request(
    arrive: Arrive, sessions: dict[str, StorageState], visitor: Person, public: str
) -> None:
    """S-14: the list is requested once, right after the `hello`, and shown while everything else is still on its way."""
    await visitor.visit(public)
    other = await arrive(storage_state=sessions["agent2"])
    free = asyncio.Event()

    async def hold(route: Route) -> None:
        await free.wait()
        await route.continue_()

    await other.page.route(re.compile(r"/api/v1/(?!me$)"), hold)
    types: list[str] = []

    def note(direction: str) -> Callable[[str | bytes], None]:
        return lambda frame: types.append(direction + json.loads(frame)["type"])

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", note("→ "))
        socket.on("framereceived", note("← "))

    other.page.on("websocket", listen)
    await other.page.goto(f"{public}/dashboard/")
    await expect(other.row_of(visitor)).to_be_visible()
    free.set()
    assert types[:2] == ["→ hello", "→ watch_visitors"], types
    assert types.count("→ watch_visitors") == 1, types
