"""The name of a visitor is one everywhere, whatever rows of the list a dashboard holds, and changes live."""

import re

from playwright.async_api import StorageState, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.guests import WINDOWS, Guest, seated


async def rename(admin: Person, public: str, visitor: str, name: str) -> None:
    address, headers = f"{public}/api/v1/visitors/{visitor}", {"Origin": public}
    profile = await (await admin.page.request.get(address)).json()
    answer = await admin.page.request.patch(
        address, data={"version": profile["version"], "name": name}, headers=headers
    )
    assert answer.ok, await answer.text()


async def test_a_new_name_is_shown_at_once_in_every_place_of_every_dashboard(
    agent: Person, admin: Person, arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """S-24, S-49, S-54: also when the visitor is not among the rows that a dashboard holds."""
    page, said = agent.page, f"kettle{agent.tag}"
    async with seated(public, [Guest("90.20.4.8", WINDOWS, "/demo", said)]) as (seat,):
        await seat.say("Where is my kettle?")
        search = page.get_by_role("searchbox", name="Search visitors")
        await search.fill(said)
        name = await page.get_by_role("row").filter(has_text=said).locator(".vname").inner_text()
        box = await agent.accept_called(name)
        # The dashboard now holds no row.
        await search.fill("nothing at all")
        await page.locator(".blank").wait_for()
        await expect(box).to_be_visible()

        await rename(admin, public, seat.visitor, "Lucía Kettle")
        box = agent.box("Lucía Kettle")
        await expect(box).to_be_visible()
        await page.goto(f"{public}/dashboard/logs")
        await box.wait_for()
        await seat.say("Hello again")
        await expect(box.get_by_role("log")).to_contain_text("Hello again")
        log = box.get_by_role("log")
        await expect(log.locator(".said-theirs .said-name")).to_have_text(["Lucía Kettle"] * 2)
        await expect(log.locator(".log-event").first).to_have_text(re.compile("^Lucía Kettle started the chat"))
        await expect(log).not_to_contain_text(re.compile("Visitor [0-9A-F]{4}"))

        await page.reload()
        await expect(box).to_be_visible()
        other = await arrive(storage_state=sessions["agent2"])
        await other.page.goto(f"{public}/dashboard/tickets")
        await other.show_chats()
        await expect(other.chats.get_by_text("Lucía Kettle")).to_be_visible()
        await rename(admin, public, seat.visitor, "Lucía Tea")
        await expect(other.chats.get_by_text("Lucía Tea")).to_be_visible()
        await expect(agent.box("Lucía Tea")).to_be_visible()
        await expect(page.get_by_role("region", name="Chats", exact=True).get_by_text("Lucía Tea")).to_have_count(
            1 if await agent.chats.is_visible() else 0
        )
