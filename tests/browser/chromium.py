"""Debian's Chromium, driven by Playwright, and what a test wants of each page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, FrameLocator, Page, async_playwright

EXECUTABLE = "/usr/bin/chromium"
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
]
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# Build output: what the pages looked like in the last run.
SHOTS = Path(__file__).resolve().parents[2] / "build/screenshots"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """One browser process."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


class Person:
    """Somebody with a browser profile of their own. `errors` are scripts that failed; a test ends with none."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

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

    async def open_chat(self) -> None:
        """As a click on the widget's button does; the button stands in a closed shadow root."""
        await self.page.wait_for_function("window.Palique !== undefined")
        await self.page.evaluate("window.Palique.open()")
        await self.widget.get_by_role("textbox").wait_for()

    async def write(self, text: str) -> None:
        """Into the widget."""
        box = self.widget.get_by_role("textbox")
        await box.fill(text)
        await box.press("Enter")


@asynccontextmanager
async def person(browser: Browser, viewport: dict[str, int] | None = None, **options: Any) -> AsyncIterator[Person]:
    """English unless told otherwise."""
    context = await browser.new_context(**{"viewport": viewport or DESK, "locale": "en-GB", **options})
    try:
        yield Person(context, await context.new_page())
    finally:
        await context.close()
