"""Each page of the dashboard, and each state of its list, dialogues and windows."""

import asyncio
import json
import re
from typing import NamedTuple

from playwright.async_api import Browser, Page, StorageState, WebSocketRoute

from tests.browser.chromium import Person, person
from tools.pictures.camera import LOOKS, Camera
from tools.pictures.people import change

PAGES = {
    "visitors": "visitors", "logs": "logs", "tickets": "tickets", "missing": "nowhere", "settings-site": "settings/site",
    "settings-widget": "settings/widget", "settings-agents": "settings/agents", "settings-profile": "settings/profile",
}  # fmt: skip
EMPTY = ("visitors", "logs", "tickets")
# Past the patience of the dashboard with a server that does not answer.
BUSY_MS = 4_500


class Subject(NamedTuple):
    """A visitor that another agent edits at the same time. One look at a time holds `editing`."""

    visitor: str
    editing: asyncio.Lock


async def before_first_visitor(browser: Browser, public: str, look: str, cookies: StorageState) -> None:
    """A new site: all lists are empty."""
    async with person(browser, **LOOKS[look]) as stranger:
        await stranger.page.goto(f"{public}/dashboard/")
        camera = Camera(stranger, look)
        await camera.take("sign-in")
        await stranger.page.locator("input").first.fill("nobody@example.com")
        await stranger.page.locator("input").last.fill("guessed")
        await stranger.page.keyboard.press("Enter")
        await stranger.page.get_by_role("alert").first.wait_for()
        await camera.take("sign-in-refused")
    async with person(browser, storage_state=cookies, **LOOKS[look]) as one:
        camera = Camera(one, look)
        for state in EMPTY:
            await open_page(one.page, public, state)
            await camera.take(f"{state}-empty")
        await one.page.locator(".master-button").click()
        await camera.take("online-list-empty")


async def at_work(browser: Browser, public: str, look: str, cookies: StorageState, lucia: Subject) -> None:
    """A usual day, with visitors and chats."""
    async with person(browser, storage_state=cookies, **LOOKS[look]) as one:
        page, camera = one.page, Camera(one, look)
        for state, path in PAGES.items():
            await open_page(page, public, path)
            await camera.take(state)
        await settings(page, public, camera)
        for state, path in (("log", "logs"), ("ticket", "tickets")):
            await open_page(page, public, path)
            await filters(page, camera, path)
            await page.locator(".table-link").first.click()
            await page.locator(".split").wait_for()
            await camera.take(state)
        await open_page(page, public, "visitors")
        await filters(page, camera, "visitors")
        await shell(page, public, camera)
        async with lucia.editing:
            await visitor(page, public, camera, lucia.visitor)
        await windows(page, camera)
        await list_states(page, public, camera)


async def switched_off(browser: Browser, public: str, look: str, cookies: StorageState) -> None:
    """A site whose chat is not enabled."""
    async with person(browser, storage_state=cookies, **LOOKS[look]) as one:
        camera = Camera(one, look)
        await open_page(one.page, public, "visitors")
        if camera.phone:
            await one.page.locator(".phone-bar button").click()
        await camera.take("not-enabled")


async def open_page(page: Page, public: str, path: str) -> None:
    await page.goto(f"{public}/dashboard/{path}")
    await page.wait_for_load_state("networkidle")


async def filters(page: Page, camera: Camera, path: str) -> None:
    """Open filters, and the text for an empty result."""
    await page.locator(".page-head .button[aria-expanded]").click()
    await camera.take(f"{path}-filters")
    await page.locator(".page-head input").first.fill("nothing like this")
    await page.locator(".blank").wait_for()
    await camera.take(f"{path}-no-match")
    await page.locator(".blank button").click()


async def settings(page: Page, public: str, camera: Camera) -> None:
    """The settings below the fold, and the dialogue to invite an agent."""
    for part in ("widget", "profile"):
        await open_page(page, public, f"settings/{part}")
        await page.locator(".page-body").evaluate("(body) => body.scrollTo(0, body.scrollHeight)")
        await camera.take(f"settings-{part}-end")
    await open_page(page, public, "settings/agents")
    await page.locator(".page-body .button-primary").click()
    await page.get_by_role("dialog").wait_for()
    await camera.take("settings-invite")


async def shell(page: Page, public: str, camera: Camera) -> None:
    """Menus and banners of the frame around every page."""
    await open_page(page, public, "visitors")
    await page.locator(".master-button").click()
    await camera.take("online-list")
    await page.keyboard.press("Escape")
    if camera.phone:
        await page.locator(".phone-bar button").click()
        await camera.take("menu")
    await page.locator(".agent-button").click()
    await camera.take("agent-menu")


async def visitor(page: Page, public: str, camera: Camera, lucia: str) -> None:
    """The visitor dialogue, also with a conflicting change of another agent."""
    await open_page(page, public, "visitors")
    await page.locator(".vname", has_text="Lucía").click()
    dialogue = page.get_by_role("dialog")
    await dialogue.locator(".vbody").wait_for()
    await camera.take("visitor")
    await dialogue.locator(".notes-foot button").first.click()
    await dialogue.locator(".notes-one textarea").wait_for()
    await camera.take("visitor-note")
    await dialogue.locator(".notes-one .edit-foot button").last.click()
    bio = dialogue.locator("textarea").first
    await bio.fill("Colecciona jarrones." if camera.spanish else "Collects vases.")
    await dialogue.locator("input[type=email]").fill("lucia(at)example.com")
    await change(page, public, lucia, bio="Collects teapots. A good customer.")
    await bio.press("Tab")
    for save in await dialogue.locator(".edit-foot .button-primary").all():
        await save.click()
    await dialogue.locator(".clashes").wait_for()
    await camera.take("visitor-conflict")
    await change(page, public, lucia, bio="Collects teapots.")


async def windows(page: Page, camera: Camera) -> None:
    """The boxes: open, minimised, maximised, with Actions, and the question before a chat is closed."""
    await page.goto(page.url.split("?")[0])
    # On a phone one box covers all.
    for name in ("Lucía",) if camera.phone else ("Jonas", "Lucía"):
        if not await page.locator(".chats-window").is_visible():
            await page.locator(".chats > button").click()
        await camera.take("chats")
        await page.locator(".chats-pick", has_text=name).first.click()
        await page.locator("[role=log]").last.wait_for()
    await camera.take("boxes")
    if camera.phone:
        await page.locator(".max-head [aria-pressed]").click()
        await camera.take("box-details")
        await page.locator(".max-head [aria-pressed]").click()
    else:
        box = page.locator(".box", has_text="Lucía")
        await box.locator(".box-head .icon-button").nth(-1).click()
        await page.locator(".max").wait_for()
        await camera.take("maximised")
    await page.locator(".max-head .menu button").click()
    await camera.take("actions")
    await page.get_by_role("menuitem").last.click()
    await camera.take("close-question")
    await page.keyboard.press("Escape")
    await page.locator(".composer-tools .icon-button").first.click()
    await camera.take("emoji")
    await page.keyboard.press("Escape")
    await page.locator(".composer-kind").last.click()
    await camera.take("note")
    await page.locator(".composer-kind").first.click()
    await page.locator(".max-head .icon-button").nth(0 if camera.phone else -2).click()
    await camera.take("minimised")


async def list_states(page: Page, public: str, camera: Camera) -> None:
    """The list while the server is silent, too busy, or out of reach."""
    await page.context.set_offline(True)
    await page.locator(".banner").wait_for()
    await camera.take("offline")
    await page.context.set_offline(False)
    silent = await page.context.new_page()
    await silent.route_web_socket(re.compile("/ws/agent"), hold_back_the_list)
    await silent.goto(f"{public}/dashboard/visitors")
    await silent.locator("main .skeleton").wait_for()
    one = Person(page.context, silent)
    waiting = Camera(one, camera.look)
    await waiting.take("loading")
    await silent.wait_for_timeout(BUSY_MS)
    await waiting.take("busy")
    await silent.close()
    cut = await page.context.new_page()
    await cut.route_web_socket(re.compile("/ws/agent"), hang_up)
    await cut.goto(f"{public}/dashboard/visitors")
    await cut.wait_for_timeout(BUSY_MS)
    await Camera(Person(page.context, cut), camera.look).take("unreachable")
    await cut.close()


def hold_back_the_list(socket: WebSocketRoute) -> None:
    """The list is stale and the rest works: the gateway sheds load."""
    server = socket.connect_to_server()

    def pass_on(frame: str | bytes) -> None:
        if json.loads(frame)["type"] not in ("visitors", "visitors_changed"):
            socket.send(frame)

    server.on_message(pass_on)


async def hang_up(socket: WebSocketRoute) -> None:
    """No visitor is online."""
    await socket.close(code=1012)
