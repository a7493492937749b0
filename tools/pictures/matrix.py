"""Lists with 1, 30 and 300 entries, and four open chats beside a page, at each width, in each theme and language."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from playwright.async_api import Browser, Page, StorageState, ViewportSize

from tests.browser.axe import nothing_found
from tests.browser.chromium import DESK, DRAWN, PHONE, Person, person
from tests.browser.guests import Guest, Seat, seated
from tests.browser.text_fit import COVERED
from tests.browser.tidy import accept_chats, end_chats, waiting_chats
from tools.pictures.camera import LOOKS, Camera
from tools.pictures.people import GUESTS, name

# The chats of all guests are accepted over one socket.
ROOM = {"PALIQUE_STACK_ENV_GATEWAY_1_PALIQUE_FRAME_BURST": "10000"}
COUNTS = (1, 30, 300)
WIDE: ViewportSize = {"width": 1920, "height": 1080}
SIZES: dict[str, ViewportSize] = {"1280": {"width": 1280, "height": 800}, "1440": DESK, "1920": WIDE, "phone": PHONE}
LISTS = {"visitors": "visitors", "logs": "logs", "tickets": "tickets", "settings": "settings/agents"}
BOXES = 4
# Beyond the reader's own chats, of three guests one waits and two are with a colleague.
WAITS_EVERY = 3
TALK = (
    "Hello! Is the teapot Nube in stock?",
    "¿Y cuánto tarda el envío a México? Lo necesito antes del viernes, es un regalo para mi madre.",
    "https://barro.example/collection?glaze=celadon&size=large&sort=price-ascending&page=2",
)


async def take_all(browser: Browser, public: str, looks: Sequence[str]) -> list[str]:
    """Of these looks the theme and the language. Returns what is covered, and what axe finds: nothing, if all is well."""
    async with AsyncExitStack() as stack:
        pages = [(await stack.enter_async_context(person(browser))).page for _ in range(3)]
        reader, colleague, former = [
            await signed_in(page, public, email)
            for page, email in zip(pages, ("admin", "agent", "agent2"), strict=True)
        ]
        found: list[str] = []
        seats: list[Seat] = []
        for count in COUNTS:
            arrived = await stack.enter_async_context(seated(public, guests(len(seats), count)))
            seats += arrived
            await former_chats(pages[0], public, arrived, former)
            await open_chats(pages[0], public, arrived, reader, colleague)
            await add_agents(pages[0], public, count - len(arrived), count)
            found += await in_each_look(browser, public, looks, reader, count)
        return found


async def signed_in(page: Page, public: str, agent: str) -> StorageState:
    """The agent's cookies."""
    credentials = {"email": f"{agent}@palique.test", "password": "palique-demo"}
    await page.request.post(f"{public}/api/v1/session", data=credentials, headers={"Origin": public})
    return await page.context.storage_state()


def guests(first: int, end: int) -> list[Guest]:
    """The usual guests again and again, each from an address of its own."""
    found = []
    for number in range(first, end):
        guest = GUESTS[number % len(GUESTS)]
        network = ".".join(guest.address.split(".")[:2])
        found.append(replace(guest, address=f"{network}.{number // 200}.{number % 200 + 1}", says=()))
    return found


async def former_chats(page: Page, public: str, seats: Sequence[Seat], former: StorageState) -> None:
    """An ended chat with a ticket for each."""
    await name(page, public, seats)
    for seat in seats:
        await seat.say("Is the bowl dishwasher safe?")
    chats = await waiting_chats(page, public, seats)
    await accept_chats(public, former, chats)
    for chat in chats:
        await page.request.post(f"{public}/api/v1/chats/{chat}/ticket", headers={"Origin": public})
    await end_chats(public, former)


async def open_chats(
    page: Page, public: str, seats: Sequence[Seat], reader: StorageState, colleague: StorageState
) -> None:
    """The first ones with the reader, the others in the queue or with a colleague."""
    for seat in seats:
        for text in TALK:
            await seat.say(text)
    chats = await waiting_chats(page, public, seats)
    await accept_chats(public, reader, chats[:BOXES])
    others = chats[BOXES:]
    await accept_chats(public, colleague, [chat for at, chat in enumerate(others) if at % WAITS_EVERY])


async def add_agents(page: Page, public: str, first: int, end: int) -> None:
    for number in range(first, end):
        guest = GUESTS[number % len(GUESTS)]
        agent = {"name": guest.name or f"Agent {number}", "email": f"agent-{number}@support.pottery-by-hand.example"}
        await page.request.post(f"{public}/api/v1/agents", data=agent, headers={"Origin": public})


async def in_each_look(
    browser: Browser, public: str, looks: Sequence[str], reader: StorageState, count: int
) -> list[str]:
    found: list[str] = []
    for look in looks:
        async with person(browser, storage_state=reader, **LOOKS[look]) as one:
            await one.page.goto(f"{public}/dashboard/")
            for state, path in LISTS.items():
                await one.go(path)
                found += await at_each_size(one, look, state, count)
            await one.go("visitors")
            await one.page.locator(".chats > button").click()
            found += await at_each_size(one, look, "chats", count)
            if count >= BOXES:
                await open_boxes(one.page)
                found += await at_each_size(one, look, "boxes", count)
    return found


async def open_boxes(page: Page) -> None:
    """The reader's own chats, without the list beside them."""
    await page.set_viewport_size(WIDE)
    own = page.locator(".chats-row:not(.chats-waiting) .chats-pick")
    for number in range(BOXES):
        await own.nth(number).click()
    await page.locator(".box").nth(BOXES - 1).wait_for()
    await page.locator(".chats > button").click()


async def at_each_size(one: Person, look: str, state: str, count: int) -> list[str]:
    """Takes the pictures; returns the faults of each."""
    for size, viewport in SIZES.items():
        await one.page.set_viewport_size(viewport)
        await Camera(one, f"matrix-{size}-{look.removeprefix('desk-')}").take(f"{state}-{count}")
    found: list[str] = []
    # Only now: it scrolls each control into view.
    for size, viewport in SIZES.items():
        await one.page.set_viewport_size(viewport)
        await one.page.evaluate(DRAWN)
        covered = await one.page.evaluate(COVERED)
        found += [f"{size} {look} {state}-{count}: {control}" for control in covered]
    await one.page.set_viewport_size(DESK)
    # It takes seconds.
    if count == COUNTS[-1]:
        found += await what_axe_finds(one.page, f"{look} {state}-{count}")
    return found


async def what_axe_finds(page: Page, where: str) -> list[str]:
    try:
        await nothing_found(page, where)
    except AssertionError as error:
        return [str(error)]
    return []
