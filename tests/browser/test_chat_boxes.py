"""Several chats at once: the master button, its list, the boxes and the bar they stand in."""

import re

from playwright.async_api import expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive


async def test_the_master_button_counts_and_opens_the_list_of_visitors(
    agent: Person, arrive: Arrive, public: str
) -> None:
    """S-31, S-33, S-34, S-37, S-38, S-39."""
    page = agent.page
    looking, talking = await arrive(), await arrive()
    await looking.visit(public)
    await talking.visit(public)
    await talking.open_chat()
    await talking.write("One question")
    box = await agent.accept(talking)
    await expect(box.get_by_text("One question")).to_be_visible()
    master = page.get_by_role("button", name=re.compile("^Live chat"))
    await expect(master).to_have_accessible_name(re.compile(r"[1-9]\d* visitors? online, [1-9]\d* active chats?"))
    names = [await agent.name_of(one) for one in (looking, talking)]
    await master.click()
    popup = page.get_by_role("dialog", name="Online visitors")
    rows = [popup.get_by_role("listitem").filter(has_text=name) for name in names]
    # The icon stands before the name, and says what it means.
    await expect(rows[0].get_by_role("button").first).to_have_accessible_name(re.compile("^Browsing the site"))
    await expect(rows[1].get_by_role("button").first).to_have_accessible_name(re.compile("^In a chat"))
    for row in rows:
        icon, name = await row.locator("svg").first.bounding_box(), await row.locator(".cut").first.bounding_box()
        assert icon is not None
        assert name is not None
        assert icon["x"] + icon["width"] <= name["x"]
    await page.keyboard.press("Escape")
    await expect(popup).to_have_count(0)
    await expect(master).to_be_focused()


async def test_boxes_stand_side_by_side_and_a_minimised_one_loses_nothing(
    agent: Person, arrive: Arrive, public: str
) -> None:
    """S-32, S-35, S-36, S-40, S-41, S-45, S-46, S-47."""
    page = agent.page
    people = [await arrive() for _ in range(2)]
    boxes = []
    for number, one in enumerate(people):
        await one.visit(public)
        await one.open_chat()
        await one.write(f"Question {number}")
        boxes.append(await agent.accept(one))
        await expect(boxes[-1].get_by_text(f"Question {number}")).to_be_visible()
    first, second = boxes
    await expect(first).to_be_visible()
    await expect(second).to_be_visible()
    draft = first.get_by_role("textbox", name="Write a message")
    await draft.fill("Half a sentence")
    name = await agent.name_of(people[0])
    await first.get_by_role("button", name="Minimise").click()
    await expect(first).to_have_count(0)
    await people[0].write("And another thing")
    bar = page.get_by_role("region", name="Chat windows")
    tab = bar.get_by_role("button", name=re.compile(name))
    await expect(tab).to_have_accessible_name(re.compile("1 unread"))
    # The window with the list of all chats is left-most.
    edges = [await item.bounding_box() for item in (agent.chats_button, tab)]
    assert edges[0] is not None
    assert edges[1] is not None
    assert edges[0]["x"] < edges[1]["x"]
    await tab.click()
    await expect(draft).to_have_value("Half a sentence")
    await expect(draft).to_be_focused()
    await expect(first.get_by_text("And another thing")).to_be_visible()
    # The line stands between what was read and what was not.
    await expect(first.locator(".log-unread + article")).to_contain_text("And another thing")
    # From the list every chat is one click away.
    await second.get_by_role("button", name="Minimise").click()
    await agent.show_chats()
    await (
        agent.chats.get_by_role("listitem")
        .filter(has_text=await agent.name_of(people[1]))
        .get_by_role("button")
        .click()
    )
    await expect(second.get_by_role("textbox", name="Write a message")).to_be_focused()


async def test_the_double_arrow_maximises_and_restores(agent: Person, visitor: Person, public: str) -> None:
    """S-40, S-42, S-43, S-44."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Hello")
    box = await agent.accept(visitor)
    small = await box.bounding_box()
    toggle = box.get_by_role("button", name=re.compile("^(Maximise|Restore)$"))
    arrows = toggle.locator("path")
    apart = await arrows.first.get_attribute("d")
    behind = await agent.row_of(visitor).bounding_box()
    await toggle.click()
    await expect(box.get_by_role("complementary", name="Visitor details")).to_be_visible()
    # The same control, with its arrows turned, leads back.
    await expect(toggle).to_have_accessible_name("Restore")
    assert await arrows.first.get_attribute("d") != apart
    large = await box.bounding_box()
    assert small is not None
    assert large is not None
    assert large["width"] > 2 * small["width"]
    # One conversation, no distraction: the list behind is out of sight.
    await expect(box.get_by_role("log")).to_have_count(1)
    assert behind is not None
    covering = "([x, y]) => document.elementFromPoint(x, y).closest('[role=row], tr') === null"
    assert await agent.page.evaluate(covering, [behind["x"] + 200, behind["y"] + behind["height"] / 2])
    await toggle.click()
    await expect(box.get_by_role("complementary", name="Visitor details")).to_have_count(0)
    again = await box.bounding_box()
    assert again is not None
    assert (again["x"], again["width"]) == (small["x"], small["width"])
    await box.get_by_role("button", name="Minimise").click()
    await expect(box).to_have_count(0)


async def test_windows_and_drafts_survive_a_reload(agent: Person, visitor: Person, public: str) -> None:
    """S-36."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Hello")
    box = await agent.accept(visitor)
    draft = box.get_by_role("textbox", name="Write a message")
    await draft.fill("Not yet sent")
    await agent.page.reload()
    await expect(draft).to_have_value("Not yet sent")
    await expect(box.get_by_text("Hello")).to_be_visible()
