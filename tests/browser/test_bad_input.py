"""What no form asked for: words without end, letters that turn the line round, nothing at all. It is shown well or refused in words."""

import re

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser.chromium import DESK, PHONE, Person
from tests.browser.guests import WINDOWS, Guest, seated
from tests.support.eventually import eventually

ENDLESS = "w" * 10_000
RIGHT_TO_LEFT = "مرحبا (12)!"
TURNED = "\u202egnp.exe\u202c"
# What stands wider than the place that holds it.
WIDE = """() => [...document.querySelectorAll(
    'body, main, .page-body, .vlist, [role=log], .box, .max, .max-side, [role=dialog], .chats-window, .split-side, .bubble, .panel'
  )].filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName)"""
# Marks that turn the direction of writing, anywhere in what is read.
TURNS = "() => /[\\u202a-\\u202e\\u2066-\\u2067\\u2069]/.test(document.body.innerText)"


async def shown_well(page: Page, where: str) -> None:
    for frame in page.frames:
        assert await frame.evaluate(WIDE) == [], where
        assert not await frame.evaluate(TURNS), where


async def is_known(page: Page, address: str) -> bool:
    """Whether there is such a visitor."""
    return (await page.request.get(address)).ok


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
async def test_words_without_end_and_turned_letters_are_shown_well_everywhere(
    agent: Person, public: str, screen: ViewportSize
) -> None:
    """S-12, S-16, S-20, S-55, I-22. In the list, the dialogue, the box, the log, the ticket; the logs have the name of now."""
    page = agent.page
    await page.set_viewport_size(screen)
    longest = f"{TURNED} {ENDLESS[:80]}"
    says = (ENDLESS[:4000], f"Look: {TURNED}", "مرحبا بكم")
    guest = Guest("88.0.12.9", WINDOWS, f"/demo/{ENDLESS[:1500]}", f"{TURNED} {ENDLESS[:1500]}", longest, says)
    async with seated(public, [guest]) as (seat,):
        headers, address = {"Origin": public}, f"{public}/api/v1/visitors/{seat.visitor}"
        # Data of a socket reaches presence a moment later.
        await eventually(lambda: is_known(page, address))
        known = await (await page.request.get(address)).json()
        changes = {"version": known["version"], "name": longest, "bio": f"{TURNED} {ENDLESS[:3900]}"}
        assert (await page.request.patch(address, data=changes, headers=headers)).ok
        note = {"client_id": "00000000-0000-4000-8000-00000000000b", "text": f"{TURNED} {ENDLESS[:3900]}"}
        assert (await page.request.post(f"{address}/notes", data=note, headers=headers)).ok

        await agent.open_dashboard(public)
        await page.locator(f"[data-visitor='{seat.visitor}'] .vname").wait_for()
        await shown_well(page, "list")
        await page.goto(f"{public}/dashboard/visitors?visitor={seat.visitor}")
        dialogue = page.get_by_role("dialog")
        await expect(dialogue.get_by_text(ENDLESS[:3900])).to_be_visible()
        await shown_well(page, "dialogue")
        await dialogue.get_by_role("button", name="Chat with this visitor").click()
        window = page.locator(".box, .max")
        await expect(window.get_by_text("مرحبا بكم")).to_be_visible()
        await shown_well(page, "box")
        conversation = await window.get_attribute("data-conversation")
        made = await page.request.post(f"{public}/api/v1/chats/{conversation}/ticket", headers=headers)
        ticket = (await made.json())["id"]
        for path in (f"logs/{conversation}", "tickets", f"tickets/{ticket}"):
            await page.goto(f"{public}/dashboard/{path}")
            await expect(page.get_by_role("main").get_by_text(re.compile("gnp.exe|wwww")).first).to_be_visible()
            await shown_well(page, path)
        if screen is PHONE:
            # On a narrow screen a window closes when the agent opens a page.
            await page.locator("[data-conversation] .tab-open").click()
        await window.get_by_role("button", name="Actions").click()
        await page.get_by_role("menuitem", name="Close session").click()
        await page.get_by_role("dialog").get_by_role("button", name="Close session").click()
        await expect(page.get_by_role("log").last).to_contain_text("closed the chat")
        await page.goto(f"{public}/dashboard/logs")
        await expect(page.get_by_role("row").filter(has_text="gnp.exe").first).to_be_visible()
        await shown_well(page, "logs")


async def test_invalid_input_is_refused_with_a_sentence(agent: Person, visitor: Person, public: str) -> None:
    """S-24, S-25, S-26, S-57: spaces for a name, letters for a number, a message of nothing or of too much."""
    await visitor.visit(public)
    before = await agent.name_of(visitor)
    await agent.row_of(visitor).locator(".vname").click()
    dialogue = agent.page.get_by_role("dialog")
    name, phone = dialogue.get_by_label("Full name"), dialogue.get_by_label("Phone")
    save = dialogue.get_by_role("button", name="Save")
    await name.fill("\u200b \u2060")
    await phone.fill("call me")
    await save.click()
    await expect(dialogue.get_by_text("Enter text that can be seen.")).to_be_visible()
    await expect(dialogue.get_by_text("Use only digits, spaces and + ( ) - .")).to_be_visible()
    await phone.fill("")
    await name.fill(RIGHT_TO_LEFT)
    await expect(name).to_have_css("direction", "rtl")
    await save.click()
    await expect(dialogue.locator(".vhead-names .cut").first).to_have_text(RIGHT_TO_LEFT)
    await expect(dialogue.locator(".vhead-names .cut").first).to_have_css("direction", "rtl")
    await expect(agent.row_of(visitor).locator(".vname")).to_have_css("direction", "rtl")
    await name.fill("     ")
    await save.click()
    await expect(save).to_have_count(0)
    await expect(dialogue.locator(".vhead-names")).to_contain_text(before)
    await expect(agent.row_of(visitor).locator(".vname")).to_have_text(before)
    await name.fill("n" * 120)
    await expect(dialogue.get_by_text("20 characters too many. Shorten the text.")).to_be_visible()
    await expect(name).to_have_value("n" * 120)
    await expect(save).to_be_disabled()
    await name.press("Enter")
    note = dialogue.get_by_role("textbox", name="Write a note. Visitors cannot see it.")
    await note.fill("   ")
    await expect(dialogue.get_by_role("button", name="Add note")).to_have_count(0)
    await dialogue.get_by_role("button", name="Cancel").click()
    await agent.page.keyboard.press("Escape")

    await visitor.open_chat()
    field, send = visitor.widget.get_by_role("textbox"), visitor.widget.get_by_role("button", name="Send")
    await expect(field).to_have_css("direction", "ltr")
    await field.fill(RIGHT_TO_LEFT)
    await expect(field).to_have_css("direction", "rtl")
    await field.fill("   \n ")
    await expect(send).to_be_disabled()
    await field.fill("")
    await visitor.page.keyboard.insert_text(ENDLESS)
    await expect(visitor.widget.get_by_text("6,000 characters too many. Shorten the text.")).to_be_visible()
    await expect(send).to_be_disabled()
    await field.press("Enter")
    await field.fill(ENDLESS[:4000])
    await expect(visitor.widget.get_by_text("0 characters left")).to_be_visible()
    await field.press("Enter")
    await expect(visitor.widget.locator(".status")).to_contain_text("Sent")
    box = await agent.accept(visitor)
    await expect(box.get_by_text(ENDLESS[:4000])).to_be_visible()
    mine = box.get_by_role("textbox", name="Write a message")
    await mine.fill(RIGHT_TO_LEFT)
    await expect(mine).to_have_css("direction", "rtl")
    await mine.fill(f"{ENDLESS} {TURNED}")
    await expect(box.get_by_text("6,010 characters too many. Shorten the text.")).to_be_visible()
    await expect(box.get_by_role("button", name="Send")).to_be_disabled()
    await mine.fill(f"{ENDLESS[:3900]} {TURNED}")
    await mine.press("Enter")
    await expect(visitor.widget.get_by_text("gnp.exe")).to_be_visible()
    await shown_well(visitor.page, "widget")
    await shown_well(agent.page, "box")
