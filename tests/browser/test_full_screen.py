"""A screen with much on it: pages scroll in their own lists, and nothing of the frame covers a control."""

from collections.abc import Sequence

from playwright.async_api import Page, StorageState, expect

from tests.browser.chromium import DESK
from tests.browser.conftest import Arrive
from tests.browser.guests import WINDOWS, Guest, Seat, seated
from tests.browser.text_fit import COVERED
from tests.browser.tidy import end_chats
from tests.support.eventually import eventually

# Low, so that few entries fill it.
LOW: dict[str, int] = {"width": DESK["width"], "height": 420}
# How far each part of the frame has moved or can move; what is clipped cannot.
MOVED = """() => ['html', 'body', '.shell', 'main'].map((name) => document.querySelector(name))
  .flatMap((one) => [one.scrollTop, one.scrollLeft, getComputedStyle(one).overflowY === 'clip' ? 0 : one.scrollHeight - one.clientHeight])
  .filter((one) => one !== 0)"""
# The focus shows an element wherever it is, and so does a jump.
SHOW_ALL = """() => {
  for (const one of document.querySelectorAll('main *, .dock *, .panel *')) { one.scrollIntoView(); one.focus?.(); }
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""
# Above the page's list, in the side panel, in the list, in both ends of the bar.
SPOTS = ((700, 30), (100, 200), (700, 300), (100, 400), (900, 400))


def guest(number: int, *says: str) -> Guest:
    return Guest(f"88.0.{number // 200}.{number % 200}", WINDOWS, "/demo/teapot", "Teapot Nube", says=says)


async def test_no_page_scrolls_the_frame(arrive: Arrive, sessions: dict[str, StorageState], public: str) -> None:
    """The wheel, the focus and a jump to the page's last element move the page's own list only."""
    admin = await arrive(LOW, storage_state=sessions["admin"])
    page = admin.page
    async with seated(public, [guest(number, *("Hello",) * (number < 8)) for number in range(30)]) as seats:
        chats, ticket = await fill(page, public, seats)
        await admin.open_dashboard(public)
        for path in (
            "visitors",
            f"visitors?visitor={seats[0].visitor}",
            "logs",
            f"logs/{chats[0]}",
            "tickets",
            f"tickets/{ticket}",
            "settings/site",
            "settings/widget",
            "settings/agents",
            "settings/profile",
            "nowhere",
        ):
            await admin.go(path)
            await frame_stays(page, path)
        await end_chats(public, sessions["admin"], chats)


async def fill(page: Page, public: str, seats: Sequence[Seat]) -> tuple[list[str], str]:
    """Adds tickets and agents; the guests' chats and one of the tickets."""
    headers, chats = {"Origin": public}, f"{public}/api/v1/chats"
    talking = {seat.visitor for seat in seats if seat.guest.says}

    async def waiting() -> list[str]:
        found = await (await page.request.get(f"{chats}?status=waiting")).json()
        ids = [item["conversation"] for item in found["items"] if item["visitor"]["id"] in talking]
        return ids if len(ids) == len(talking) else []

    ids = await eventually(waiting, sentence="all guests' chats wait")
    made = [await page.request.post(f"{chats}/{one}/ticket", headers=headers) for one in ids]
    for number in range(len(ids)):
        person = {"name": f"Agent {number}", "email": f"full-{number}@palique.test", "role": "agent"}
        await page.request.post(f"{public}/api/v1/agents", data=person, headers=headers)
    return ids, (await made[0].json())["id"]


async def frame_stays(page: Page, where: str) -> None:
    for x, y in SPOTS:
        await page.mouse.move(x, y)
        await page.mouse.wheel(0, 3000)
    await page.evaluate(SHOW_ALL)
    assert await page.evaluate(MOVED) == [], where


async def test_nothing_covers_a_control_beside_open_chats(
    arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """S-31, S-35, S-40, S-45, S-46. Each control of the page, the list, the boxes and the bar is what a click at its place meets."""
    admin = await arrive({"width": 1920, "height": 1080}, storage_state=sessions["admin"])
    page = admin.page
    boxes, tabs = page.locator(".box"), page.locator(".dock-tab .tab-open")
    async with seated(public, [guest(number, "Hello") for number in range(5)]) as seats:
        chats, ticket = await fill(page, public, seats)
        await admin.open_dashboard(public)
        await admin.show_chats()
        for count in range(1, 6):
            await admin.chats.get_by_role("button", name="Accept").first.click()
            await expect(boxes).to_have_count(count)
        paths = ("visitors", f"logs/{chats[0]}", "tickets", f"tickets/{ticket}", "settings/site", "settings/agents")
        for width, open_boxes in ((1920, 5), (1440, 2), (1280, 2)):
            await page.set_viewport_size({"width": width, "height": 800})
            await expect(boxes).to_have_count(open_boxes)
            for path in paths:
                await admin.go(path)
                await nothing_covered(page, f"{path} beside the list at {width}")
        await admin.hide_chats()
        for count in (3, 4):
            await tabs.first.click()
            await expect(boxes).to_have_count(count)
        for path in paths:
            await admin.go(path)
            await nothing_covered(page, f"{path} beside four boxes")
        # Where nothing fits beside the page, one part is shown in its place.
        await page.set_viewport_size({"width": 900, "height": 800})
        await page.locator("main[inert]").wait_for(state="attached")
        await nothing_covered(page, "a chat in the place of the page")
        await page.get_by_role("button", name="Back to the page").click()
        await expect(page.locator("main[inert]")).to_have_count(0)
        await nothing_covered(page, "the page alone")
        await end_chats(public, sessions["admin"], chats)


async def nothing_covered(page: Page, where: str) -> None:
    assert await page.evaluate(COVERED) == [], where
