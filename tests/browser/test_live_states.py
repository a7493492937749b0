"""Every state that an agent sees follows the log and the socket at once."""

import re

from playwright.async_api import Locator, expect

from tests.browser.chromium import Person

# Below the time after which a client forgets an old `typing` frame (6 s), and the interval of the colleagues' list (10 s).
AT_ONCE_MS = 2_500


async def close_chat(agent: Person, box: Locator) -> None:
    """With the window's menu."""
    await box.get_by_role("button", name="Actions").click()
    await agent.page.get_by_role("menuitem", name="Close session").click()
    await agent.page.get_by_role("dialog").get_by_role("button", name="Close session").click()


async def open_chat(agent: Person, visitor: Person, public: str) -> Locator:
    """An accepted chat; its window, maximised."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("One question")
    box = await agent.accept(visitor)
    await box.get_by_role("button", name="Maximise").click()
    return box


async def test_a_closed_chat_shows_no_typing_and_is_no_colleagues_chat(
    agent: Person, visitor: Person, public: str
) -> None:
    """The visitor was typing when the agent closed the chat. The agent's draft is offered, and taken into the next chat."""
    page = agent.page
    box = await open_chat(agent, visitor, public)
    await box.get_by_role("textbox", name="Write a message").fill("Half an answer")
    await box.get_by_role("button", name="Restore").click()
    await agent.show_chats()
    mine = agent.chats.get_by_role("listitem").filter(has_text=await agent.name_of(visitor))
    await expect(mine).to_have_count(1)
    await box.get_by_role("button", name="Maximise").click()
    await visitor.widget.get_by_role("textbox").press_sequentially("Wait")
    await expect(box.locator(".typing")).to_be_visible()
    await close_chat(agent, box)
    await expect(box.locator(".typing")).to_have_count(0, timeout=AT_ONCE_MS)
    await expect(box.get_by_text("Half an answer")).to_be_visible()
    await agent.shot("chat-ended-draft")
    await box.get_by_role("button", name="Restore").click()
    await agent.hide_chats()
    await agent.show_chats()
    await expect(agent.chats.get_by_text("Your chats")).to_be_visible()
    await page.wait_for_load_state("networkidle")
    await expect(mine).to_have_count(0, timeout=AT_ONCE_MS)
    await agent.hide_chats()
    await box.get_by_role("button", name=re.compile("again")).click()
    await expect(box.get_by_role("textbox", name="Write a message")).to_have_value("Half an answer")


async def test_typing_ends_with_the_message(agent: Person, visitor: Person, public: str) -> None:
    """The indicator does not outlive the message that it announced."""
    box = await open_chat(agent, visitor, public)
    field = visitor.widget.get_by_role("textbox")
    await field.press_sequentially("There you are")
    await expect(box.locator(".typing")).to_be_visible()
    await field.press("Enter")
    await expect(box.get_by_role("log").get_by_text("There you are")).to_be_visible()
    await expect(box.locator(".typing")).to_have_count(0, timeout=AT_ONCE_MS)


async def test_the_line_for_new_messages_goes_with_the_answer(agent: Person, visitor: Person, public: str) -> None:
    """It is above unread messages only, and none comes for a message that the agent sees arrive."""
    box = await open_chat(agent, visitor, public)
    await box.get_by_role("button", name="Minimise").click()
    await visitor.write("And another thing")
    name = await agent.name_of(visitor)
    bar = agent.page.get_by_role("region", name="Chat windows")
    await bar.get_by_role("button", name=re.compile(f"{name}.*1 unread")).click()
    line = box.locator(".log-unread")
    await expect(line).to_have_count(1)
    await agent.reply(box, "Here is the answer")
    await expect(line).to_have_count(0)
    await visitor.write("Thanks")
    await expect(box.get_by_role("log").get_by_text("Thanks")).to_be_visible()
    await expect(line).to_have_count(0)


async def test_the_connection_banner_comes_at_once(agent: Person) -> None:
    """S-08. The browser reports the loss of the network; the socket itself is silent."""
    banner = agent.page.locator(".banner")
    # A frame that arrives after the loss takes the banner away, so the connection must be up before.
    await expect(agent.page.get_by_role("button", name=re.compile("^Live chat: [0-9]"))).to_be_visible()
    await expect(banner).to_have_count(0)
    await agent.context.set_offline(True)
    await expect(banner).to_be_visible(timeout=AT_ONCE_MS)
    await agent.context.set_offline(False)
    await expect(banner).to_have_count(0)
