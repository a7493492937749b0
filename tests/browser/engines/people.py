"""A visitor and an agent in a browser that WebDriver drives."""

import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from tests.browser.engines.webdriver import Tab, WebDriverError
from tests.support.eventually import PATIENCE_S, eventually

ENTER = "\ue007"
# Elements with a text, or all.
FIND = """const [css, text] = arguments;
return [...document.querySelectorAll(css)].find((one) => one.checkVisibility() && one.innerText.includes(text)) ?? null;"""
# Open and at rest: a click into a frame that is not shown yet goes to the page below.
FRAME = """const frame = document.querySelector('palique-chat')?.shadowRoot?.querySelector('iframe[src]');
return frame && getComputedStyle(frame).opacity === '1' ? frame : null;"""
BUTTON = "return document.querySelector('palique-chat')?.shadowRoot?.querySelector('button') ?? null"
# Started, usable, and drawn unless the tab is in the background.
READY = """if (!document.querySelector('main:not([inert]) textarea')) return false;
if (document.hidden) return true;
return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));"""


class Person:
    """What both do: find an element, and see a text."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab

    async def find(self, css: str, text: str = "") -> Any:
        """The first visible element; waits for it."""
        return await self.appears(FIND, css, text, sentence=f"{css} with {text!r} is shown")

    async def click(self, css: str, text: str = "") -> None:
        await self._act(css, text, self.tab.click)

    async def type(self, css: str, keys: str) -> None:
        async def typed(element: Mapping[str, str]) -> None:
            await self.tab.type(element, keys)

        await self._act(css, "", typed)

    async def _act(self, css: str, text: str, act: Callable[[Mapping[str, str]], Awaitable[None]]) -> None:
        """What moves or appears refuses the act: another try follows."""

        async def acted() -> bool:
            try:
                await act(await self.find(css, text))
            except WebDriverError as error:
                await self.again()
                raise AssertionError(str(error)) from error
            return True

        await eventually(acted, PATIENCE_S, sentence=f"{css} with {text!r} can be used")

    async def appears(self, script: str, *values: object, sentence: str) -> Any:
        """The result of the script, once it is neither null nor false."""

        async def result() -> object:
            try:
                return await self.tab.run(script, *values)
            except WebDriverError as error:
                # A page that is being replaced has no scripts.
                await self.again()
                raise AssertionError(str(error)) from error

        return await eventually(result, PATIENCE_S, sentence=sentence)

    async def again(self) -> None:
        """After a refused command."""

    async def texts(self, css: str) -> list[str]:
        found: list[str] = await self.tab.run(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim())", css
        )
        return found

    async def has_texts(self, css: str, *wanted: str) -> None:
        """Exactly these, in this order."""

        async def same() -> bool:
            found = await self.texts(css)
            assert found == list(wanted), f"{css} has {found}"
            return True

        await eventually(same, PATIENCE_S, sentence=f"{css} has exactly {wanted}")


class Visitor(Person):
    """A visitor of a page with the widget. `tag` stands in the address, by which agents find them among others."""

    def __init__(self, tab: Tab) -> None:
        super().__init__(tab)
        self.tag = uuid.uuid4().hex[:8]
        self._inside = False

    async def again(self) -> None:
        """Back into the widget: its frame may have been replaced."""
        with suppress(WebDriverError):
            if self._inside:
                await self.tab.enter(None)
                await self._enter()

    async def visit(self, public: str, path: str = "/demo") -> None:
        await self.tab.goto(f"{public}{path}?who={self.tag}")
        await self.launcher()

    async def launcher(self) -> Mapping[str, str]:
        """The widget's button."""
        await self.leave_widget()
        found: Mapping[str, str] = await self.appears(BUTTON, sentence="the page has the widget's button")
        return found

    async def open_chat(self) -> None:
        """With the button, unless it is open. Later commands go into the widget."""
        button = await self.launcher()
        if await self.tab.run("return arguments[0].ariaExpanded", button) != "true":
            await self.tab.click(button)
        await self.enter_widget()

    async def enter_widget(self) -> None:
        await self.leave_widget()
        await self.appears(FRAME, sentence="the widget shows its frame")
        await self._enter()
        await self.appears(READY, sentence="the widget has its field")

    async def leave_widget(self) -> None:
        """Later commands go to the page."""
        await self.tab.enter(None)
        self._inside = False

    async def _enter(self) -> None:
        await self.tab.enter(await self.tab.run(FRAME))
        self._inside = True

    async def write(self, text: str) -> None:
        try:
            await self.tab.type(await self.find("textarea"), text + ENTER)
        except WebDriverError:
            # WebKit lets nothing but a click move the focus into the frame of another site.
            await self.click("textarea")
            await self.type("textarea", text + ENTER)

    async def has_bubbles(self, *texts: str) -> None:
        await self.has_texts(".bubble", *texts)


class Agent(Person):
    async def sign_in(self, public: str, email: str) -> None:
        await self.tab.goto(f"{public}/dashboard/")
        await self.type("input[autocomplete=username]", email)
        await self.type("input[type=password]", "palique-demo" + ENTER)
        await self.find("h1", "Online visitors")

    async def accept(self, visitor: Visitor) -> None:
        """The visitor's waiting chat, from the list of visitors; its box opens."""
        row = f"tr.vline:has(a[href*='{visitor.tag}'])"
        await self.find(f"{row}.vline-waits")
        await self.click(f"{row} .vcell-act button")
        await self.find(".box textarea, .max textarea")

    async def reply(self, text: str) -> None:
        """In the open box; waits until it is stored."""
        await self.type(".box textarea, .max textarea", text + ENTER)
        await self.find(".said-ours:not(.said-outgoing) .said-bubble", text)
