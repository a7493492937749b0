"""A day's work of an agent without a mouse (issue 12, B6)."""

import re

from playwright.async_api import expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.keys import Keys
from tests.browser.waiting import no_other_chat_waits, two_waiting

__all__ = ["no_other_chat_waits"]


class Day:
    """One agent and their keyboard."""

    def __init__(self, agent: Person) -> None:
        self.agent = agent
        self.page = agent.page
        self.keys = Keys(agent.page)
        self.heading = agent.page.get_by_role("heading", level=1)

    async def command(self, words: str) -> None:
        """Runs the first command that the palette finds."""
        await self.keys.press("Control+k")
        await self.keys.write(words)
        await self.keys.press("Enter")

    async def sign_in(self, public: str) -> None:
        await self.page.goto(f"{public}/dashboard/")
        await expect(self.page.get_by_label("E-mail")).to_be_focused()
        await self.keys.write("agent2@palique.test")
        await self.keys.press("Tab")
        await self.keys.write("palique-demo")
        await self.keys.press("Enter")
        await expect(self.heading).to_have_text("Online visitors")
        await expect(self.heading).to_be_focused()

    async def go_elsewhere_and_back(self) -> None:
        for query, title in (("logs", "Chat logs"), ("online vis", "Online visitors")):
            await self.command(query)
            await expect(self.heading).to_have_text(title)
            await expect(self.heading).to_be_focused()

    async def read_details(self, visitor: Person, name: str) -> None:
        """From the list."""
        await self.keys.press("/")
        await self.keys.write(visitor.tag)
        await expect(self.page.locator("[data-visitor]")).to_have_count(1)
        await self.keys.to(name)
        await self.keys.press("Enter")
        await expect(self.page.get_by_role("dialog")).to_contain_text("User details")
        await self.keys.press("Escape")
        assert await self.keys.where() == name

    async def accept_answer_and_note(self, visitor: Person, name: str) -> None:
        box = self.agent.box(name)
        await self.keys.press("a")
        await expect(box.get_by_role("textbox")).to_be_focused()
        await self.keys.write("Good morning!")
        await self.keys.press("Enter", "Control+i")
        await self.keys.write("Prefers mornings")
        await self.keys.press("Enter", "Control+i")
        await visitor.widget.get_by_text("Good morning!").wait_for()
        await expect(box.locator(".said-note")).to_contain_text("Prefers mornings")
        await expect(visitor.widget.get_by_text("Prefers mornings")).to_have_count(0)

    async def open_ticket(self, name: str) -> None:
        await self.keys.press("Escape")
        assert name in await self.keys.where()
        await self.keys.press("t")
        await expect(self.page.get_by_text(re.compile(r"#\d+")).first).to_be_visible()

    async def accept_next_and_walk(self, name: str, next_name: str) -> None:
        """The next waiting chat, and between both."""
        first, second = self.agent.box(name), self.agent.box(next_name)
        await self.command("accept the next")
        await expect(second.get_by_role("textbox")).to_be_focused()
        await self.keys.write("And to you!")
        await self.keys.press("Enter", "Alt+ArrowDown")
        await expect(first.get_by_role("textbox")).to_be_focused()
        await self.keys.press("Alt+ArrowDown")
        await expect(second.get_by_role("textbox")).to_be_focused()

    async def close_after_a_question(self, name: str) -> None:
        await self.command("close session")
        await expect(self.page.get_by_role("dialog")).to_contain_text(name)
        await self.keys.press("Tab", "Enter")
        await expect(self.agent.box(name).get_by_text("This chat has ended.")).to_be_visible()

    async def comment_ticket(self, name: str) -> None:
        await self.keys.press("Control+k")
        await self.keys.write(name)
        ticket = self.page.get_by_role("group", name="Tickets").get_by_role("option")
        await expect(ticket).to_have_count(1)
        await self.keys.press("ArrowUp", "Enter")
        await expect(self.heading).to_contain_text(name)
        # The body of the first ticket may load after its heading.
        await self.page.get_by_label("Write a comment").wait_for()
        await self.keys.to("Write a comment")
        await self.keys.write("Called back")
        await self.keys.to("Add comment")
        await self.keys.press("Enter")
        await expect(self.page.locator(".activity-comment")).to_contain_text("Called back")

    async def close_the_last(self, name: str) -> None:
        await self.keys.press("Alt+ArrowDown")
        await expect(self.agent.box(name).get_by_role("textbox")).to_be_focused()
        await self.keys.press("Escape", "c", "Tab", "Enter")
        await expect(self.page.locator(".tab", has_text=name)).to_contain_text("Ended")

    async def sign_out(self) -> None:
        await self.command("sign out")
        await expect(self.page.get_by_label("E-mail")).to_be_focused()


async def test_a_days_work_by_keyboard_alone(arrive: Arrive, public: str) -> None:
    """W-07, S-08, S-30, S-47, S-51, S-53: nothing is clicked, and the focus is never lost."""
    agent = await arrive()
    day = Day(agent)
    await agent.page.add_init_script(
        "addEventListener('pointerdown', () => { throw new Error('a mouse was used') }, true)"
    )
    await day.sign_in(public)
    await day.go_elsewhere_and_back()
    people, (first, second) = await two_waiting(agent, arrive, public)
    await day.read_details(people[0], first)
    await day.accept_answer_and_note(people[0], first)
    await day.open_ticket(first)
    await day.accept_next_and_walk(first, second)
    await day.close_after_a_question(second)
    await day.comment_ticket(first)
    await day.close_the_last(first)
    await day.sign_out()
