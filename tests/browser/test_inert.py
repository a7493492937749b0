"""What a visitor supplies is text, wherever it is shown (I-22): nothing runs, nothing is asked for, nothing is drawn but letters."""

import re

from playwright.async_api import Page, StorageState, expect

from tests.browser.chromium import Person
from tests.browser.conftest import Arrive
from tests.browser.guests import Guest, seated

# Each would call `alert`, ask this machine for /stolen, or put an element of the name `palique-hole` into the page.
VECTORS = (
    "<script>alert(1)</script>",
    "<img src=/stolen onerror=alert(2)>",
    "<svg onload=alert(3)><palique-hole>",
    '"><palique-hole onpointerenter=alert(4)>',
    "'-alert(5)-'",
    "javascript:alert(6)",
    "<iframe srcdoc='<script>parent.alert(7)</script>'></iframe>",
    "<style>@import '/stolen';</style>",
    "{{constructor.constructor('alert(8)')()}}",
    "${alert(9)}",
    "<a href='javascript:alert(10)'>click</a>",
    "<math><mtext></form><form><mglyph><style></math><img src=/stolen onerror=alert(11)>",
    "&lt;img src=/stolen onerror=alert(12)&gt;",
    "\u202egnp.exe \u0000<b>bold</b>",
)
ALL = " ".join(VECTORS).replace("\u0000", "")


class Watch:
    """On a page that must stay calm."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.seen: list[str] = []
        page.on("dialog", lambda dialog: self.seen.append(f"dialogue {dialog.message}"))
        page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        if re.search(r"/stolen|^javascript:", url):
            self.seen.append(url)

    async def calm(self) -> None:
        assert self.seen == []
        for frame in self._page.frames:
            assert await frame.locator("palique-hole, iframe[srcdoc], a[href^='javascript:' i]").count() == 0


async def test_every_field_of_a_visitor_is_inert_on_every_page(
    arrive: Arrive, sessions: dict[str, StorageState], public: str
) -> None:
    """I-22, S-18, S-51."""
    agent = await arrive(storage_state=sessions["admin"])
    page = agent.page
    watch = Watch(page)
    headers = {"Origin": public}
    guest = Guest(
        "88.0.12.7",
        ALL.encode("ascii", "ignore").decode(),
        f"/demo?x={ALL}",
        ALL,
        says=(*VECTORS[:8], ALL),
        referrer=ALL,
    )
    javascript = Guest("88.0.12.8", "x", "/demo", "javascript:alert(6)")
    async with seated(public, [guest, javascript]) as (seat, other):
        await other.go("javascript:alert(6)", VECTORS[1])
        address = f"{public}/api/v1/visitors/{seat.visitor}"
        known = await (await page.request.get(address)).json()
        changes = {"version": known["version"], "name": VECTORS[1] + VECTORS[2], "bio": ALL}
        answer = await page.request.patch(address, data=changes, headers=headers)
        assert answer.ok, await answer.text()
        note = {"client_id": "00000000-0000-4000-8000-000000000001", "text": ALL}
        assert (await page.request.post(f"{address}/notes", data=note, headers=headers)).ok

        await page.goto(f"{public}/dashboard/visitors?visitor={seat.visitor}")
        dialogue = page.get_by_role("dialog")
        await expect(dialogue.get_by_role("textbox", name="Bio")).to_have_value(re.compile("palique-hole"))
        await watch.calm()
        await dialogue.get_by_role("button", name="Chat with this visitor").click()
        box = page.locator(".box").filter(has_text="onerror")
        accept = box.get_by_role("button", name="Accept chat")
        await expect(box.get_by_text("<script>alert(1)</script>", exact=True)).to_be_visible()
        if await accept.count():
            await accept.click()
        await box.get_by_role("button", name="Maximise").click()
        await expect(page.locator(".max-side")).to_contain_text("palique-hole")
        await watch.calm()
        conversation = await page.locator(".max").get_attribute("data-conversation")
        made = await page.request.post(f"{public}/api/v1/chats/{conversation}/ticket", headers=headers)
        ticket = await made.json()
        address = f"{public}/api/v1/tickets/{ticket['id']}"
        subject = {"version": ticket["version"], "subject": VECTORS[1]}
        assert (await page.request.patch(address, data=subject, headers=headers)).ok
        for path in (f"logs/{conversation}", "tickets", f"tickets/{ticket['id']}", "visitors", "logs"):
            await page.goto(f"{public}/dashboard/{path}")
            await page.get_by_role("heading", level=1).wait_for()
            await page.wait_for_load_state("networkidle")
            await watch.calm()
        await page.locator(".master-button").click()
        await watch.calm()


async def test_what_agents_and_visitors_write_is_inert_in_the_widget(
    agent: Person, visitor: Person, public: str
) -> None:
    """I-22, W-02."""
    watch = Watch(visitor.page)
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write(ALL)
    box = await agent.accept(visitor)
    for vector in VECTORS[:8]:
        field = box.get_by_role("textbox", name="Write a message")
        await field.fill(vector)
        await field.press("Enter")
    await expect(visitor.widget.get_by_text(VECTORS[7], exact=True)).to_be_visible()
    await watch.calm()
