"""Pictures of every page and state, to be looked at: `make screenshots` writes them into build/screenshots.

A stack of its own is filled with guests and their talks; `--url` names a running one instead. With `--images` the few that the
README shows are made smaller and kept in docs/images.
"""

import argparse
import asyncio
import re
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Page

from tests.browser.chromium import DESK, PHONE, SHOTS, Person, chromium, person
from tests.browser.guests import ANDROID, IPHONE, MAC, TRUST, WINDOWS, Guest, Seat, seated
from tests.stack import Stack

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
# What a page of the README may weigh is little; flat colours need few of them.
COLOURS = 128
# The README's, by the picture that they are made from.
KEPT = {
    "dashboard": "desk-light-en-boxes",
    "maximised": "desk-light-en-maximised",
    "logs": "desk-dark-en-logs",
    "widget-phone": "phone-dark-es-widget-talk",
}
LOOKS: dict[str, dict[str, Any]] = {
    f"{size}-{scheme}-{locale[:2]}": {"viewport": viewport, "color_scheme": scheme, "locale": locale}
    for size, viewport in (("desk", DESK), ("phone", PHONE))
    for scheme in ("light", "dark")
    for locale in ("en-GB", "es-ES")
}
GUESTS = (
    Guest("88.0.12.7", WINDOWS, "/demo/teapot", "Teapot Nube · Barro", "Lucía Romero",
          ("Hello! Is the teapot Nube in stock?", "I need it by Friday, it is a present.")),
    Guest("91.12.4.9", MAC, "/demo/cart", "Your cart · Barro", "Jonas Weber", ("Does shipping to Germany take longer?",)),
    Guest("90.20.4.9", IPHONE, "/demo/bowl", "Bowl Alba · Barro", "Camille Petit"),
    Guest("189.140.10.3", ANDROID, "/demo/es", "Barro · Cerámica a mano", "Diego Hernández", ("¿Envían a México?",)),
    Guest("73.14.6.2", MAC, "/demo/collection", "The collection · Barro"),
    Guest("86.140.3.4", WINDOWS, "/demo/vase", "Vase Junco · Barro", "Amelia Clarke"),
    Guest("126.12.3.4", IPHONE, "/demo/collection", "The collection · Barro"),
    Guest("190.16.10.3", ANDROID, "/demo/coleccion", "La colección · Barro", "Martina Sosa"),
    Guest("151.20.3.4", WINDOWS, "/demo", "Barro · Pottery by hand", "Giulia Ferri"),
    Guest("177.30.4.4", ANDROID, "/demo/bowl", "Bowl Alba · Barro"),
    Guest("85.240.3.4", WINDOWS, "/demo/contact", "Contact · Barro", "Inês Duarte"),
)  # fmt: skip
# Chats of before: who, what they asked, what they were answered.
EARLIER = (
    (Guest("83.40.3.4", WINDOWS, "/demo/bowl", "Bowl Alba", "Rosa Vidal"), "Is the bowl dishwasher safe?", "It is."),
    (Guest("92.130.3.4", MAC, "/demo/vase", "Vase Junco", "Hugo Martin"), "How tall is the vase?", "31 centimetres."),
    (Guest("79.30.3.4", ANDROID, "/demo/cart", "Your cart", "Marta Greco"), "Can I pay by transfer?", "Yes, you can."),
)
PAGES = {
    "visitors": "visitors", "logs": "logs", "tickets": "tickets", "missing": "nowhere", "settings-site": "settings/site",
    "settings-widget": "settings/widget", "settings-agents": "settings/agents", "settings-profile": "settings/profile",
}  # fmt: skip
# What is drawn after the last answer came.
SETTLE_MS = 400


async def name(page: Page, public: str, seats: Sequence[Seat]) -> None:
    """As agents do who learn who it is."""
    for seat in seats:
        if seat.guest.name:
            address = f"{public}/api/v1/visitors/{seat.visitor}"
            known = await (await page.request.get(address)).json()
            changes = {"version": known["version"], "name": seat.guest.name}
            await page.request.patch(address, data=changes, headers={"Origin": public})


async def talk(agent: Person, seat: Seat, question: Sequence[str], answer: str) -> None:
    for text in question:
        await seat.say(text)
    await agent.show_chats()
    waiting = agent.chats.get_by_role("listitem").filter(has_text=seat.guest.name)
    await waiting.get_by_role("button", name="Accept").click()
    await agent.reply(agent.box(seat.guest.name), answer)


async def past(agent: Person, public: str) -> None:
    """Chats that have ended, one of them a ticket."""
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
            await box.get_by_role("button", name=re.compile("^Put away")).click()


class Camera:
    """Takes what a person sees in one look."""

    def __init__(self, one: Person, look: str) -> None:
        self._one = one
        self._look = look
        self.phone = look.startswith("phone")

    async def take(self, state: str) -> None:
        await self._one.page.wait_for_timeout(SETTLE_MS)
        await self._one.shot(f"{self._look}-{state}")


async def dashboard(browser: Browser, public: str, look: str, cookies: Any) -> None:
    """Each page, and each state of the windows."""
    async with person(browser, storage_state=cookies, **LOOKS[look]) as one:
        page, camera = one.page, Camera(one, look)
        for state, path in PAGES.items():
            await page.goto(f"{public}/dashboard/{path}")
            await page.wait_for_load_state("networkidle")
            await camera.take(state)
        for state, path in (("log", "logs"), ("ticket", "tickets")):
            await page.goto(f"{public}/dashboard/{path}")
            await page.locator(".table-link").first.click()
            await page.locator(".split").wait_for()
            await camera.take(state)
        await page.goto(f"{public}/dashboard/")
        await page.locator(".vname", has_text="Lucía").click()
        await page.get_by_role("dialog").locator(".vbody").wait_for()
        await camera.take("visitor")
        await page.keyboard.press("Escape")
        await page.locator(".master-button").click()
        await camera.take("online-list")
        await page.keyboard.press("Escape")
        await boxes(one, camera)


async def boxes(one: Person, camera: Camera) -> None:
    page = one.page
    # On a phone one box covers all.
    for who in ("Lucía",) if camera.phone else ("Jonas", "Lucía"):
        if not await page.locator(".chats-window").is_visible():
            await page.locator(".chats > button").click()
        await page.locator(".chats-pick", has_text=who).first.click()
    await camera.take("boxes")
    if camera.phone:
        return
    box = page.locator("[data-conversation]", has_text="Lucía").last
    await box.locator(".box-head .icon-button").nth(-1).click()
    await page.locator(".max").wait_for()
    await camera.take("maximised")
    await page.locator(".max-head button").first.click()
    await camera.take("actions")


async def widget(browser: Browser, public: str, look: str, agent: Person) -> None:
    """Closed, new, with a talk."""
    async with person(browser, **LOOKS[look]) as one:
        camera, spanish = Camera(one, look), look.endswith("es")
        await one.visit(public, "/demo/es" if spanish else "/demo")
        await one.page.locator("palique-chat button").wait_for()
        await camera.take("widget-closed")
        await one.open_chat()
        await camera.take("widget-new")
        await one.write("¿Puedo recogerlo en la tienda?" if spanish else "Can I pick it up at the shop?")
        await agent.page.goto(f"{public}/dashboard/")
        box = await agent.accept(one)
        await agent.reply(box, "¡Claro! Abrimos de 10 a 20 h." if spanish else "Of course! We are there from 10 to 8.")
        await one.write("Perfecto, gracias." if spanish else "Perfect, thank you.")
        await one.widget.locator(".status").last.wait_for()
        await camera.take("widget-talk")


async def take_all(public: str) -> None:
    async with chromium() as browser, person(browser) as stranger, person(browser) as agent:
        await stranger.page.goto(f"{public}/dashboard/")
        await Camera(stranger, "desk-light-en").take("sign-in")
        await agent.sign_in(public, "admin@palique.test")
        await past(agent, public)
        async with seated(public, [replace(guest, says=()) for guest in GUESTS]) as seats:
            await name(agent.page, public, seats)
            await agent.open_dashboard(public)
            await talk(agent, seats[1], GUESTS[1].says, "Good morning! Two to three working days.")
            await talk(agent, seats[0], GUESTS[0].says, "Hello Lucía! Yes, two of them are on the shelf.")
            await seats[0].say("Great. Can you put one aside for me?")
            await seats[3].say(GUESTS[3].says[0])
            state = await agent.context.storage_state()
            cookies = {"cookies": state["cookies"], "origins": []}
            for look in LOOKS:
                await dashboard(browser, public, look, cookies)
        for look in LOOKS:
            await widget(browser, public, look, agent)


def keep() -> None:
    """The README's, in few colours."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for kept, taken in KEPT.items():
        with Image.open(SHOTS / f"{taken}.png") as picture:
            small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
            small.save(IMAGES / f"{kept}.png", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="of a running stack that trusts the loopback network as its proxy")
    parser.add_argument("--images", action="store_true", help="renew docs/images from them")
    chosen = parser.parse_args()
    if chosen.url:
        asyncio.run(take_all(chosen.url))
    else:
        with tempfile.TemporaryDirectory() as home:
            stack = Stack(Path(home), TRUST)
            stack.start()
            try:
                asyncio.run(take_all(str(stack.described["public"])))
            finally:
                stack.stop()
    if chosen.images:
        keep()
    print(f"{len(list(SHOTS.glob('*.png')))} pictures in {SHOTS}")


if __name__ == "__main__":
    main()
