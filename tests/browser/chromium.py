"""Debian's Chromium, driven by Playwright, and what a test wants of each page."""

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import (
    Browser,
    BrowserContext,
    FrameLocator,
    Locator,
    Page,
    Request,
    ViewportSize,
    async_playwright,
    expect,
)

from tests.support.eventually import PATIENCE_S, eventually

expect.set_options(timeout=PATIENCE_S * 1000)

# The same engine without the code of a window: a test run takes half of the CPU time.
EXECUTABLE = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    # Tests may run as root in a container, where the sandbox cannot start.
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # It asks the network for updates and lists otherwise.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Fewer processes: a test run takes a fifth less CPU time.
    "--in-process-gpu",
    "--mute-audio",
    "--disable-site-isolation-trials",
    "--disable-features=SpareRendererForSitePerProcess,IsolateOrigins,site-per-process,AudioServiceOutOfProcess",
    "--enable-features=NetworkServiceInProcess2",
    # Pages of a test are too short-lived to earn back what an optimising compiler takes.
    "--js-flags=--no-turbofan --no-maglev",
]
# The dashboard's router follows the address as it does for the button "back".
FOLLOW = "(path) => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }"
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# Build output: what the pages looked like in the last run.
SHOTS = Path(__file__).resolve().parents[2] / "build/screenshots"


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    """One browser process."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            await browser.close()


class Person:
    """A person with their own browser profile. `errors` are script errors, of which a test must have none at its end.

    `tag` stands in the address that a visitor opens, by which agents find them among others.
    """

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.tag = uuid.uuid4().hex[:8]
        self.errors: list[str] = []
        self._loading: set[Request] = set()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    @property
    def widget(self) -> FrameLocator:
        """The chat's application inside the visitor's page."""
        return self.page.frame_locator("iframe[src*='/widget/app/']")

    async def shot(self, name: str) -> None:
        """Keeps what the person sees."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png")

    async def sign_in(self, public: str, email: str) -> None:
        """Into the dashboard, through its page."""
        await self.page.goto(f"{public}/dashboard/")
        await self.page.get_by_label("E-mail").fill(email)
        await self.page.get_by_label("Password").fill("palique-demo")
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.get_by_role("heading", name="Online visitors").wait_for()

    async def open_dashboard(self, public: str) -> None:
        """With a session from before."""
        await self.page.goto(f"{public}/dashboard/")
        await self.page.get_by_role("heading", name="Online visitors").wait_for()

    async def go(self, path: str) -> None:
        """To a page of the open dashboard, as a link goes there; returns when the page has its data."""
        await self.page.evaluate(FOLLOW, f"/dashboard/{path}")
        await self.page.get_by_role("heading", level=1).wait_for()
        await self.loaded()

    def _began(self, request: Request) -> None:
        self._loading.add(request)

    def _ended(self, request: Request) -> None:
        self._loading.discard(request)

    async def loaded(self) -> None:
        """Waits until the page draws without a request: an answer may cause the next request."""

        async def quiet() -> bool:
            await self.page.evaluate(DRAWN)
            return not self._loading

        await eventually(quiet, sentence="all requests of the page are answered")

    async def visit(self, public: str, path: str = "/demo") -> None:
        """A page of the shop, under an address of their own."""
        await self.page.goto(f"{public}{path}?who={self.tag}")

    def row_of(self, visitor: "Person") -> Locator:
        """An agent's line of the visitor, by the address that the visitor looks at."""
        return self.page.get_by_role("row").filter(has_text=visitor.tag)

    async def name_of(self, visitor: "Person") -> str:
        """What an agent sees the visitor called."""
        return await self.row_of(visitor).locator(".vname").inner_text()

    async def accept(self, visitor: "Person") -> Locator:
        """Takes the visitor's waiting chat; its box."""
        return await self.accept_called(await self.name_of(visitor))

    async def accept_called(self, name: str) -> Locator:
        """As `accept`, by the visitor's name."""
        await self.show_chats()
        waiting = self.chats.get_by_role("listitem").filter(has_text=name)
        await waiting.get_by_role("button", name="Accept").click()
        await self.hide_chats()
        return self.box(name)

    @property
    def chats(self) -> Locator:
        """An agent's main chat window."""
        return self.page.get_by_role("region", name="Chats", exact=True)

    def chat_group(self, title: str) -> Locator:
        """The rows below a heading of the main chat window."""
        heading = self.chats.get_by_role("heading", name=re.compile(f"^{title} ?[0-9]+$"), level=3)
        return heading.locator("xpath=../following-sibling::ul[1]").get_by_role("listitem")

    @property
    def chats_button(self) -> Locator:
        """Left-most in the bar."""
        return self.page.get_by_role("region", name="Chat windows").get_by_role("button", name=re.compile("^Chats"))

    async def show_chats(self) -> None:
        if not await self.chats.is_visible():
            await self.chats_button.click()

    async def hide_chats(self) -> None:
        if await self.chats.is_visible():
            await self.chats_button.click()

    def box(self, name: str) -> Locator:
        """The window of the chat with a visitor, compact or maximised."""
        return self.page.get_by_role("region", name=name, exact=True)

    async def reply(self, box: Locator, text: str) -> None:
        """As an agent, and waits until it is stored."""
        field = box.get_by_role("textbox", name="Write a message")
        await field.fill(text)
        await field.press("Enter")
        await box.locator("article:not(.said-outgoing)").get_by_text(text).wait_for()

    async def open_chat(self) -> None:
        """With the widget's button."""
        button = self.page.locator("palique-chat button").first
        if await button.get_attribute("aria-expanded") != "true":
            await button.click()
        await self.widget.get_by_role("textbox").wait_for()

    async def write(self, text: str) -> None:
        """Into the widget."""
        box = self.widget.get_by_role("textbox")
        await box.fill(text)
        await box.press("Enter")


@asynccontextmanager
async def person(browser: Browser, viewport: dict[str, int] | None = None, **options: Any) -> AsyncIterator[Person]:
    """English by default. Without animations: each frame of one takes CPU time."""
    context = await browser.new_context(
        **{"viewport": viewport or DESK, "locale": "en-GB", "reduced_motion": "reduce", **options}
    )
    context.set_default_timeout(PATIENCE_S * 1000)
    try:
        yield Person(context, await context.new_page())
    finally:
        await context.close()
