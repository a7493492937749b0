"""The people in the pictures: visitors from many countries with their messages, and earlier chats."""

import re
from collections.abc import Sequence

from playwright.async_api import Page

from tests.browser.chromium import Person
from tests.browser.guests import ANDROID, IPHONE, MAC, WINDOWS, Guest, Seat, seated

LONG_NAME = "Maximiliano Fernando Echeverría-Santamaría de la Vega y Montoya"
GUESTS = (
    Guest("88.0.12.7", WINDOWS, "/demo/teapot", "Teapot Nube · Barro", "Lucía Romero",
          ("Hello! Is the teapot Nube in stock?", "I need it by Friday, it is a present.")),
    Guest("91.12.4.9", MAC, "/demo/cart", "Your cart · Barro", "Jonas Weber", ("Does shipping to Germany take longer?",)),
    Guest("90.20.4.9", IPHONE, "/demo/bowl", "Bowl Alba · Barro", "Camille Petit"),
    Guest("189.140.10.3", ANDROID, "/demo/es", "Barro · Cerámica a mano", "Diego Hernández", ("¿Envían a México?",)),
    # What every list must bear: a name that never ends, an address likewise, letters that run from right to left.
    Guest("200.55.4.4", WINDOWS, "/demo/collection?glaze=celadon&size=large&sort=price-ascending&page=2",
          "The collection, by price, in celadon, large, second page of seven · Barro", LONG_NAME),
    Guest("188.161.3.4", IPHONE, "/demo/vase", "Vase Junco · Barro", "ليلى حداد"),
    Guest("73.14.6.2", MAC, "/demo/collection", "The collection · Barro"),
    Guest("86.140.3.4", WINDOWS, "/demo/vase", "Vase Junco · Barro", "Amelia Clarke"),
    Guest("126.12.3.4", IPHONE, "/demo/collection", "The collection · Barro"),
    Guest("190.16.10.3", ANDROID, "/demo/coleccion", "La colección · Barro", "Martina Sosa"),
    Guest("151.20.3.4", WINDOWS, "/demo", "Barro · Pottery by hand", "Giulia Ferri"),
    Guest("177.30.4.4", ANDROID, "/demo/bowl", "Bowl Alba · Barro"),
    Guest("85.240.3.4", WINDOWS, "/demo/contact", "Contact · Barro", "Inês Duarte"),
)  # fmt: skip
# Earlier chats: name, question, answer.
EARLIER = (
    (Guest("83.40.3.4", WINDOWS, "/demo/bowl", "Bowl Alba", "Rosa Vidal"), "Is the bowl dishwasher safe?", "It is."),
    (Guest("92.130.3.4", MAC, "/demo/vase", "Vase Junco", "Hugo Martin"), "How tall is the vase?", "31 centimetres."),
    (Guest("79.30.3.4", ANDROID, "/demo/cart", "Your cart", "Marta Greco"), "Can I pay by transfer?", "Yes, you can."),
)
LUCIA, JONAS, DIEGO = 0, 1, 3


async def change(page: Page, public: str, visitor: str, **changes: str) -> None:
    """Edits a visitor's profile as another agent."""
    address = f"{public}/api/v1/visitors/{visitor}"
    known = await (await page.request.get(address)).json()
    await page.request.patch(address, data={"version": known["version"], **changes}, headers={"Origin": public})


async def name(page: Page, public: str, seats: Sequence[Seat]) -> None:
    """Gives the visitor a name, as an agent does."""
    for seat in seats:
        if seat.guest.name:
            await change(page, public, seat.visitor, name=seat.guest.name)


async def talk(agent: Person, seat: Seat, question: Sequence[str], answer: str) -> None:
    """The visitor's question and the agent's answer."""
    for text in question:
        await seat.say(text)
    await agent.show_chats()
    waiting = agent.chats.get_by_role("listitem").filter(has_text=seat.guest.name)
    await waiting.get_by_role("button", name="Accept").click()
    await agent.reply(agent.box(seat.guest.name), answer)


async def past(agent: Person, public: str) -> None:
    """Ended chats, each with a ticket."""
    async with seated(public, [guest for guest, _, _ in EARLIER]) as seats:
        await name(agent.page, public, seats)
        await agent.open_dashboard(public)
        for seat, (_, question, answer) in zip(seats, EARLIER, strict=True):
            await talk(agent, seat, [question], answer)
            box = agent.box(seat.guest.name)
            for action in ("Ticket from chat", "Close session"):
                await box.get_by_role("button", name="Actions").click()
                await agent.page.get_by_role("menuitem", name=action).click()
            await agent.page.get_by_role("dialog").get_by_role("button", name="Close session").click()
            await box.get_by_role("button", name=re.compile("^Close the window of")).click()


async def present(agent: Person, public: str, seats: Sequence[Seat]) -> None:
    """Two active chats, a waiting one, and a profile for Lucía."""
    await name(agent.page, public, seats)
    await agent.open_dashboard(public)
    await talk(agent, seats[JONAS], GUESTS[JONAS].says, "Good morning! Two to three working days.")
    await talk(agent, seats[LUCIA], GUESTS[LUCIA].says, "Hello Lucía! Yes, two of them are on the shelf.")
    await seats[LUCIA].say("Great. Can you put one aside for me?")
    await seats[DIEGO].say(GUESTS[DIEGO].says[0])
    await change(agent.page, public, seats[LUCIA].visitor, email="lucia@example.com", bio="Collects teapots.")
    note = {"client_id": "00000000-0000-4000-8000-000000000001", "text": "Calls on Mondays. Wants an invoice."}
    notes = f"{public}/api/v1/visitors/{seats[LUCIA].visitor}/notes"
    await agent.page.request.post(notes, data=note, headers={"Origin": public})
