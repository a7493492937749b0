"""Every state that an agent sees follows the log and the socket at once."""

import re

from playwright.async_api import Locator, WebSocketRoute, expect

from tests.browser.chromium import Person

# Below the time after which a client forgets an old `typing` frame (6 s), and the interval of the colleagues' list (10 s).
AT_ONCE_MS = 5_000


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
    name = await agent.name_of(visitor)
    await expect(agent.chat_group("Your chats").filter(has_text=name)).to_have_count(1)
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
    await page.wait_for_load_state("networkidle")
    await expect(agent.chat_group("Ended").filter(has_text=name)).to_have_count(1)
    for title in ("Your chats", "With colleagues"):
        await expect(agent.chat_group(title).filter(has_text=name)).to_have_count(0, timeout=AT_ONCE_MS)
    await agent.hide_chats()
    await box.get_by_role("button", name=re.compile("again")).click()
    await expect(box.get_by_role("textbox", name="Write a message")).to_have_value("Half an answer")


async def test_a_draft_waits_for_the_visitors_next_chat(agent: Person, visitor: Person, public: str) -> None:
    """The agent closed the window of the ended chat, and accepts what the visitor writes next."""
    box = await open_chat(agent, visitor, public)
    await box.get_by_role("textbox", name="Write a message").fill("Half an answer")
    await visitor.widget.get_by_role("button", name="End chat").click()
    await visitor.widget.get_by_role("button", name="Yes, end it").click()
    await expect(box.get_by_text("Half an answer")).to_be_visible()
    await box.get_by_role("button", name=re.compile("^Close the window")).click()
    await visitor.write("One more question")
    box = await agent.accept(visitor)
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
    page, silent = agent.page, False

    def through(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        # The browser's simulated loss leaves open sockets alone, and a frame after it takes the banner away.
        server.on_message(lambda message: None if silent else socket.send(message))

    await page.route_web_socket(re.compile("/ws/agent"), through)
    await page.reload()
    banner = page.locator(".banner")
    await expect(page.get_by_role("button", name=re.compile("^Live chat: [0-9]"))).to_be_visible()
    await expect(banner).to_have_count(0)
    silent = True
    await agent.context.set_offline(True)
    await expect(banner).to_be_visible(timeout=AT_ONCE_MS)
    silent = False
    await agent.context.set_offline(False)
    await expect(banner).to_have_count(0)


async def test_a_dropped_socket_is_shown_at_once(agent: Person) -> None:
    """The network itself is there, so the browser reports nothing. The banner goes with the next connection."""
    page, sockets, up = agent.page, list[WebSocketRoute](), True

    async def through(socket: WebSocketRoute) -> None:
        if not up:
            await socket.close()
            return
        socket.connect_to_server()
        sockets.append(socket)

    await page.route_web_socket(re.compile("/ws/agent"), through)
    await page.reload()
    await expect(page.get_by_role("button", name=re.compile("^Live chat: [0-9]"))).to_be_visible()
    banner = page.locator(".banner")
    await expect(banner).to_have_count(0)
    up = False
    await sockets[-1].close()
    await expect(banner).to_be_visible(timeout=AT_ONCE_MS)
    up = True
    await expect(banner).to_have_count(0)
