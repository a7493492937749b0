"""A chat goes back to the queue, to another agent, and an administrator takes it over: what the three and the visitor see."""

import re
from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Locator, StorageState, expect

from tests.browser.axe import nothing_found_in_either_theme
from tests.browser.chromium import DESK, PHONE, Person
from tests.browser.conftest import Arrive
from tests.browser.keys import Keys
from tests.browser.shop import change_site

TEXTS = {
    "en-GB": ("Give back to the queue", "gave the chat back to the queue"),
    "es-ES": ("Devolver a la cola", "devolvió el chat a la cola"),
}

# Chats of other tests may wait before it.
IN_THE_QUEUE = re.compile(r"You are next|Number \d+ in the queue")


@pytest_asyncio.fixture(loop_scope="session")
async def teams(admin: Person, public: str) -> AsyncIterator[None]:
    await change_site(admin, public, teams=True)
    yield
    await change_site(admin, public, teams=False)


async def menu_of(agent: Person, box: Locator) -> list[str]:
    await box.get_by_role("button", name="Actions").click()
    return [text.split("\n")[0] for text in await agent.page.get_by_role("menuitem").all_inner_texts()]


async def test_a_chat_goes_back_to_the_queue_and_an_administrator_takes_it_over(
    visitor: Person,
    agent: Person,
    admin: Person,
    teams: None,
    arrive: Arrive,
    sessions: dict[str, StorageState],
    public: str,
) -> None:
    colleague = await arrive(storage_state=sessions["agent2"])
    await colleague.open_dashboard(public)
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Where is my parcel?")
    name = await agent.name_of(visitor)
    box = await agent.accept(visitor)
    await expect(visitor.widget.locator("header")).to_contain_text("is here for you")

    assert "Give back to the queue" in await menu_of(agent, box)
    assert not await agent.page.get_by_role("menuitem", name="Take over").count()
    await agent.shot("teams-1-menu-of-the-agent")
    await agent.page.get_by_role("menuitem", name="Give back to the queue").click()
    log = box.get_by_role("log")
    await expect(log).to_contain_text("gave the chat back to the queue")
    await expect(box.get_by_role("button", name="Accept chat")).to_be_visible()
    await agent.shot("teams-2-given-back")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("An agent will be with you again shortly")
    await expect(visitor.widget.locator("header")).to_contain_text(IN_THE_QUEUE)
    await visitor.shot("teams-3-visitor-waits-again")

    await colleague.show_chats()
    await expect(colleague.chat_group("Waiting").filter(has_text=name)).to_contain_text("Where is my parcel?")
    await colleague.hide_chats()
    theirs = await colleague.accept_called(name)
    await visitor.write("Hello again")
    await expect(log).to_contain_text("Hello again")
    await expect(box.get_by_role("button", name="Accept chat")).to_have_count(0)
    await colleague.reply(theirs, "It left today.")
    await expect(log).to_contain_text("It left today.")

    await admin.show_chats()
    await admin.chat_group("With colleagues").filter(has_text=name).get_by_role("button").first.click()
    await admin.hide_chats()
    taken = admin.box(name)
    assert "Take over" in await menu_of(admin, taken)
    await admin.shot("teams-4-menu-of-the-administrator")
    await nothing_found_in_either_theme(admin.page, "menu of a chat of a colleague")
    await admin.page.get_by_role("menuitem", name="Take over").click()
    for one in (taken, theirs, box):
        await expect(one.get_by_role("log")).to_contain_text("took over")
    await expect(theirs.locator(".foot-hint")).to_contain_text("has this chat")
    await colleague.shot("teams-5-the-colleague-reads-who-took-over")
    await admin.reply(taken, "I look after this now.")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("I look after this now.")
    await visitor.shot("teams-6-visitor-reads-the-new-name")

    # Inside the text area the key writes a letter.
    await taken.get_by_role("log").focus()
    await Keys(admin.page).press("g")
    await expect(taken.get_by_role("log")).to_contain_text("gave the chat back to the queue")
    await agent.accept_called(name)
    await expect(theirs.locator(".foot-hint")).to_contain_text("has this chat")


async def test_without_the_setting_the_menu_has_neither(visitor: Person, agent: Person, public: str) -> None:
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Hello")
    box = await agent.accept(visitor)
    texts = await menu_of(agent, box)
    assert "Close session" in texts
    assert not {"Give back to the queue", "Take over"} & set(texts)


async def test_the_menu_and_the_lines_are_in_the_agents_language_on_a_desk_and_a_phone(
    visitor: Person, admin: Person, teams: None, arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("¿Dónde está mi pedido?")
    name = await admin.name_of(visitor)
    box = await admin.accept(visitor)
    await menu_of(admin, box)
    await admin.page.get_by_role("menuitem", name="Give back to the queue").click()
    await expect(box.get_by_role("log")).to_contain_text("gave the chat back")
    await admin.accept_called(name)
    for place, viewport in (("desk", DESK), ("phone", PHONE)):
        for locale, (action, line) in TEXTS.items():
            there = await arrive(viewport, storage_state=sessions["admin"], locale=locale)
            await there.page.goto(f"{public}/dashboard/")
            await there.page.get_by_role("heading", level=1).first.wait_for()
            await there.loaded()
            # The name is a placeholder in the reader's language; its end is the same in all.
            await there.page.locator(".dock-tab button", has_text=name.split()[-1]).first.click()
            await there.page.get_by_role("log").wait_for()
            window = there.page.locator(".box, .max").first
            await window.get_by_role("button", name=re.compile("Actions|Acciones")).click()
            await expect(there.page.get_by_role("menuitem", name=action)).to_be_visible()
            await expect(there.page.get_by_role("log")).to_contain_text(line)
            await there.shot(f"teams-7-{place}-{locale[:2]}")
