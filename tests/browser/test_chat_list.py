"""The list of chats beside the maximised window: groups by need, filter, next unread; and the bar with more chats than tabs."""

import re
from collections.abc import Sequence

from playwright.async_api import Page, StorageState, expect

from kit.ids import visitor_label
from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import PHONE, Person
from tests.browser.conftest import Arrive
from tests.browser.guests import WINDOWS, Guest, Seat, seated
from tests.browser.test_full_screen import nothing_covered
from tests.browser.tidy import accept_chats, end_chats, waiting_chats

# Below the interval at which the list is read again.
AT_ONCE_MS = 5_000
MANY_CHATS = 33
MANY_VISITORS = 177
# The frame of the queue has 50.
LONG_QUEUE = 53
# Each tab that is shown, with its width and whether its picture is inside.
TABS = """() => [...document.querySelectorAll('.dock-tab')].map((tab) => {
  const [one, picture] = [tab, tab.querySelector('.avatar')].map((part) => part.getBoundingClientRect());
  return [Math.round(one.width), picture.left >= one.left && picture.right <= one.right];
})"""

# Of the row of tabs, and of each tab.
WIDTHS = "() => [...document.querySelectorAll('.dock-tabs, .dock-tab')].map((one) => one.getBoundingClientRect().width)"


def guest(number: int, name: str, *says: str) -> Guest:
    return Guest(f"88.1.{number // 200}.{number % 200}", WINDOWS, "/demo/vase", "Vase Nube", name, says)


async def name_visitors(page: Page, public: str, seats: Sequence[Seat]) -> None:
    """As an agent names them."""
    for seat in seats:
        address = f"{public}/api/v1/visitors/{seat.visitor}"
        version = (await (await page.request.get(address)).json())["version"]
        change = {"version": version, "name": seat.guest.name}
        answer = await page.request.patch(address, data=change, headers={"Origin": public})
        assert answer.ok, await answer.text()


async def end_waiting(page: Page, public: str, state: StorageState) -> None:
    """What other tests left."""
    left = await (await page.request.get(f"{public}/api/v1/chats?status=waiting&limit=100")).json()
    await end_chats(public, state, [chat["conversation"] for chat in left["items"]])


async def test_chats_are_grouped_by_need_and_found_by_name_or_text(
    agent: Person, sessions: dict[str, StorageState], arrive: Arrive, public: str
) -> None:
    """S-32, S-46: the longest wait for an answer first; a colleague's chat comes and goes at once."""
    page = agent.page
    await end_waiting(page, public, sessions["admin"])
    says = {
        "Zoë Answered": "Thank you",
        "Łukasz Asks": "Where is my order?",
        "Ana Later": "¿Dónde está mi pedido?",
        "Wu Waits": "您好，我想申请退款",
        "Xin Waits": "Hello",
        "Carla Colleague": "Hi",
    }
    async with seated(public, [guest(number, name) for number, name in enumerate(says)]) as seats:
        await name_visitors(page, public, seats)
        chats = []
        for seat in seats:
            await seat.say(says[seat.guest.name])
            chats += await waiting_chats(page, public, [seat])
        await accept_chats(public, sessions["agent"], chats[:3])
        await agent.show_chats()
        await expect(agent.chat_group("Your chats")).to_have_count(3)
        await agent.chats.get_by_role("button", name=re.compile("Zoë")).click()
        box = page.locator(".box")
        await agent.reply(box, "You are welcome")
        await agent.chats.get_by_role("button", name="Maximise").click()
        window = page.locator(".max")
        await expect(window.get_by_role("log")).to_contain_text("You are welcome")

        await page.mouse.move(5, 5)
        await expect(agent.chat_group("Waiting")).to_contain_text(["Wu Waits", "Xin Waits", "Carla Colleague"])
        mine = agent.chat_group("Your chats")
        await expect(mine).to_contain_text(["Łukasz Asks", "Ana Later", "Zoë Answered"])
        await expect(mine).to_contain_text(["Where is my order?", "¿Dónde está mi pedido?", "You are welcome"])
        await expect(mine.locator("[aria-current=true]")).to_contain_text("Zoë")
        await expect(agent.chats.get_by_role("button", name="Minimise")).to_have_count(0)

        await accept_chats(public, sessions["agent2"], chats[5:])
        colleague = agent.chat_group("With colleagues")
        await expect(colleague).to_contain_text(["Carla Colleague"], timeout=AT_ONCE_MS)
        await expect(colleague).to_contain_text(["Hi"])
        await expect(colleague.locator(".chats-wait")).to_contain_text(["Waiting for"])
        await seats[5].say("Are you there?")
        # The next reading of the list; messages of colleagues' chats are not sent.
        await page.reload()
        await expect(colleague).to_contain_text(["Are you there?"])
        await expect(colleague.locator(".chats-wait")).to_contain_text(["Waiting for"])
        await expect(agent.chat_group("Waiting")).to_have_count(2, timeout=AT_ONCE_MS)

        # The visitor with the longest wait for an answer is next.
        unread = agent.chats.get_by_role("button", name="Next unread 2")
        await unread.click()
        await expect(window.get_by_role("heading", level=2)).to_have_text("Łukasz Asks")
        await expect(window.get_by_role("textbox", name="Write a message")).to_be_focused()
        await agent.chats.get_by_role("button", name="Next unread 1").click()
        await expect(window.get_by_role("heading", level=2)).to_have_text("Ana Later")
        await expect(agent.chats.get_by_role("button", name=re.compile("Next unread"))).to_have_count(0)

        field = agent.chats.get_by_role("searchbox", name="Filter chats")
        for query, names in (
            ("lukasz", ["Łukasz Asks"]),
            ("donde pedido", ["Ana Later"]),
            ("退款", ["Wu Waits"]),
            ("waits", ["Wu Waits", "Xin Waits"]),
            ("carlos", ["Carla Colleague"]),
        ):
            await field.fill(query)
            await expect(agent.chats.get_by_role("listitem")).to_contain_text(names)
        await field.fill("nothing like this")
        await expect(agent.chats.get_by_text("No chats match")).to_be_visible()
        await field.fill("ŁUKASZ")
        await field.press("Enter")
        await expect(window.get_by_role("heading", level=2)).to_have_text("Łukasz Asks")
        await field.press("Escape")
        await expect(field).to_have_value("")
        await nothing_found_in_either_theme(page, "the list beside a maximised window")

        await end_chats(public, sessions["agent2"])
        await expect(agent.chat_group("With colleagues")).to_have_count(0, timeout=AT_ONCE_MS)
        await end_chats(public, sessions["admin"], chats)
        await expect(agent.chat_group("Ended")).to_have_count(3)
        await agent.chats.get_by_role("button", name="Close the window of Zoë Answered").click()
        await expect(agent.chat_group("Ended")).to_have_count(2)
        await agent.chats.get_by_role("button", name="Close all").click()
        await expect(agent.chat_group("Ended")).to_have_count(0)


async def show_many_on_a_phone(agent: Person) -> None:
    """The open list takes the place of the page."""
    await agent.page.set_viewport_size(PHONE)
    await expect(agent.page.locator(".chats-full")).to_be_visible()
    row, *tabs = await agent.page.evaluate(WIDTHS)
    assert max(tabs) <= row, "a tab is wider than the row that scrolls it"
    await expect(agent.chat_group("Your chats")).to_have_count(MANY_CHATS)
    await nothing_found_in_either_theme(agent.page, "many chats on a phone")
    await agent.shot("chats-many-phone")


async def test_every_one_of_many_chats_is_reached(
    arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """S-32, S-45: 33 chats among 177 visitors. A narrow tab shows picture and number; the list has what the bar has not."""
    agent = await arrive(storage_state=sessions["agent2"])
    page = agent.page
    people = [guest(number, f"Person {number}", *("Hello",) * (number < MANY_CHATS)) for number in range(MANY_VISITORS)]
    async with seated(public, people) as seats:
        talking = seats[:MANY_CHATS]
        chats = await waiting_chats(page, public, talking)
        await accept_chats(public, sessions["agent2"], chats)
        await agent.open_dashboard(public)
        more = page.locator(".dock-more")
        await expect(more).to_have_text(re.compile(r"^\+\d+"))
        tabs = await page.evaluate(TABS)
        hidden = int(re.findall(r"\+(\d+)", await more.inner_text())[0])
        assert len(tabs) + hidden == MANY_CHATS
        assert [tab for tab in tabs if tab[0] < 44 or not tab[1]] == [], tabs
        await expect(page.locator(".dock-tab .badge")).to_have_text(["1 unread"] * len(tabs))
        await expect(more.locator(".badge")).to_have_text(f"{hidden} unread")
        await agent.shot("chats-many-bar")
        await nothing_covered(page, "the bar with many chats")

        await more.click()
        await expect(agent.chats.get_by_role("searchbox")).to_be_focused()
        mine = agent.chat_group("Your chats")
        await expect(mine).to_have_count(MANY_CHATS)
        await mine.last.get_by_role("button").click()
        await expect(page.locator(".box textarea")).to_be_focused()
        await agent.chats.get_by_role("button", name="Maximise").click()
        name = await mine.nth(6).locator(".chats-name").inner_text()
        await next(seat for seat in talking if visitor_label(seat.visitor) == name).say("One more thing")
        await expect(mine.filter(has_text=name).locator(".badge")).to_have_text("2 unread")
        await nothing_covered(page, "many chats beside a maximised window")
        await nothing_found_in_either_theme(page, "many chats beside a maximised window")
        await agent.shot("chats-many-maximised")
        for left in range(MANY_CHATS - 1, MANY_CHATS - 4, -1):
            await agent.chats.get_by_role("button", name=f"Next unread {left}").click()
        await show_many_on_a_phone(agent)
        await end_chats(public, sessions["agent2"])


async def test_every_one_of_a_long_queue_shows_its_first_line(
    agent: Person, sessions: dict[str, StorageState], public: str
) -> None:
    """S-15, S-32: also those that the frame of the queue leaves out, in the list of chats and in the list of visitors."""
    page = agent.page
    await end_waiting(page, public, sessions["admin"])
    people = [guest(number, f"Person {number}", f"Line {number}.") for number in range(LONG_QUEUE)]
    async with seated(public, people) as seats:
        chats = await waiting_chats(page, public, seats)
        await agent.show_chats()
        waiting = agent.chat_group("Waiting")
        await expect(waiting).to_have_count(LONG_QUEUE)
        for seat in seats:
            await expect(waiting.filter(has_text=seat.guest.says[0])).to_have_count(1)
        async with seated(public, [guest(LONG_QUEUE, "Person late", "I came late.")]) as (late,):
            await expect(waiting.last).to_contain_text("I came late.", timeout=AT_ONCE_MS)
            await page.get_by_role("searchbox", name="Search visitors").fill(visitor_label(late.visitor))
            row = page.locator(f"[data-visitor='{late.visitor}']")
            await expect(row).to_contain_text("I came late.")
            chats += await waiting_chats(page, public, [late])
        await end_chats(public, sessions["admin"], chats)
