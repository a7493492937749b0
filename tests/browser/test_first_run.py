"""The first day: from an empty database to the first chat on an own page, as a new user goes that way."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from devstack.folders import Folders
from tests.browser.axe import nothing_found
from tests.browser.chromium import DESK, PHONE, Person, person
from tests.browser.conftest import Arrive
from tests.browser.own_page import own_page
from tests.support.json_object import JsonObject
from tests.support.stack import QUICK_PASSWORDS, Stack

# Each size, theme and language once with each other kind.
LOOKS: dict[str, JsonObject] = {
    "desk-light-en": {"viewport": DESK, "color_scheme": "light", "locale": "en-GB"},
    "desk-dark-es": {"viewport": DESK, "color_scheme": "dark", "locale": "es-ES"},
    "phone-light-es": {"viewport": PHONE, "color_scheme": "light", "locale": "es-ES"},
    "phone-dark-en": {"viewport": PHONE, "color_scheme": "dark", "locale": "en-GB"},
}
PASSWORD = "a new horse battery"
# The sentence and the button of a second set-up.
TOO_LATE = {
    "desk-light-en": ("is set up already, so the code no longer works. Sign in, or ask", "Sign in"),
    "phone-light-es": ("ya está configurado, así que el código ya no sirve. Inicia sesión o pide", "Iniciar sesión"),
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack without a site."""
    stack = Stack(tmp_path_factory.mktemp("palique-first-run"), {**QUICK_PASSWORDS, "PALIQUE_DEMO": "off"})
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def logged_code(stack: Stack) -> str:
    """As an operator reads it in the gateway's log."""
    lines = Folders(stack.home).log("gateway-1").read_text().splitlines()
    (code,) = [json.loads(line)["code"] for line in lines if "set-up code created" in line]
    return str(code)


async def show_in_all_looks(browser: Browser, address: str, state: str, **options: object) -> None:
    """Keeps what a person sees at the address."""
    for look, settings in LOOKS.items():
        async with person(browser, **{**settings, **options}) as one:
            await one.page.goto(address)
            await one.page.get_by_role("heading", level=1).wait_for()
            await one.loaded()
            await one.shot(f"{look}-{state}")
            await nothing_found(one.page, f"{state}, {look}")
            assert one.errors == []


async def fill(page: Page, **values: str) -> None:
    labels = {
        "code": "Set-up code",
        "site": "Name of the site",
        "origin": "Address of your web site",
        "name": "Your name",
        "email": "E-mail",
        "password": "New password",
    }
    for field, value in values.items():
        await page.get_by_label(labels[field]).fill(value)


async def set_up(page: Page, public: str, code: str, origin: str) -> None:
    """With the mistakes that people make."""
    await page.goto(f"{public}/dashboard/tickets")
    await expect(page.get_by_role("heading", name="Set up Palique")).to_be_visible()
    create = page.get_by_role("button", name="Create the site")
    await expect(create).to_be_disabled()
    site = {"site": "The corner shop", "name": "Ana López", "email": "ana@corner.test"}
    await fill(page, **site, code="0000-0000-0000-0000", origin=f"{origin}/index.html", password="password12345")
    for wrong, right in (
        ("This is not the newest code.", {"code": code}),
        ("Enter only the start of the address", {"origin": origin}),
        ("This password is easy to guess.", {"password": PASSWORD}),
    ):
        await create.click()
        await expect(page.get_by_role("alert")).to_contain_text(wrong)
        await fill(page, **right)
    await create.click()


async def test_from_an_empty_database_to_the_first_chat_on_an_own_page(
    empty: Stack, browser: Browser, arrive: Arrive
) -> None:
    """S-08, W-01: the set-up page, the snippet, a page that may not show the chat yet, a visitor's message and the answer."""
    public = empty.described["public"]
    await show_in_all_looks(browser, f"{public}/dashboard/", "set-up")
    snippet = ""
    async with own_page(lambda: snippet) as origin, own_page(lambda: snippet) as staging:
        admin, first, visitor = await arrive(), await arrive(), await arrive()
        code = logged_code(empty)
        async with people_with_the_form(browser, f"{public}/dashboard/") as late:
            await set_up(admin.page, public, code, origin)
            for look, one in late.items():
                await too_late(one, code, look)
        await from_the_empty_list(admin)
        snippet = await admin.page.get_by_role("figure").locator("code").inner_text()
        await first.visit(origin, "/")
        await expect(first.page.locator("palique-chat button").first).to_be_visible()
        await expect(admin.page.get_by_text(f"Seen on {origin}")).to_be_visible()
        await allow_another_page(admin, visitor, staging)
        cookies = await admin.context.storage_state()
        await show_in_all_looks(browser, f"{public}/dashboard/start", "first-steps", storage_state=cookies)
        await first_chat(admin, visitor)
    await hide_the_list(admin.page)
    stranger = await arrive()
    await stranger.page.goto(f"{public}/dashboard/")
    await expect(stranger.page.get_by_role("button", name="Sign in")).to_be_visible()


@asynccontextmanager
async def people_with_the_form(browser: Browser, address: str) -> AsyncIterator[dict[str, Person]]:
    """They opened the set-up page, and have not sent it."""
    async with AsyncExitStack() as open_pages:
        found = {look: await open_pages.enter_async_context(person(browser, **LOOKS[look])) for look in TOO_LATE}
        for one in found.values():
            await one.page.goto(address)
            await one.page.get_by_role("heading", level=1).wait_for()
        yield found


async def too_late(one: Person, code: str, look: str) -> None:
    """A used code: the sentence names what happened and what to do, and the button does it."""
    sentence, sign_in = TOO_LATE[look]
    inputs = one.page.locator("form input")
    for position, text in enumerate((code, "Second", "https://second.example", "Eva", "eva@second.test", PASSWORD)):
        await inputs.nth(position).fill(text)
    await one.page.locator("form button[type=submit]").click()
    await expect(one.page.get_by_role("alert")).to_contain_text(sentence)
    await expect(inputs).to_have_count(0)
    await one.shot(f"{look}-set-up-too-late")
    await nothing_found(one.page, f"too late, {look}")
    await one.page.get_by_role("button", name=sign_in).click()
    # E-mail and password of the sign-in.
    await expect(inputs).to_have_count(2)


async def from_the_empty_list(admin: Person) -> None:
    """The list of visitors leads back to the first steps."""
    heading = admin.page.get_by_role("heading", name="First steps")
    await expect(heading).to_be_visible()
    await admin.go("visitors")
    lead = admin.page.get_by_role("link", name="See the first steps")
    await expect(lead).to_be_visible()
    await admin.shot("desk-light-en-first-run-no-visitors")
    await lead.click()
    await expect(heading).to_be_focused()


async def allow_another_page(admin: Person, visitor: Person, staging: str) -> None:
    """The visitor is then on that page."""
    button = visitor.page.locator("palique-chat button").first
    await visitor.visit(staging, "/")
    page = admin.page.get_by_role("listitem").filter(has_text=staging)
    await expect(page).to_be_visible()
    await expect(button).to_have_count(0)
    await admin.shot("desk-light-en-first-run-refused")
    await page.get_by_role("button", name="Allow").click()
    await expect(page).to_have_count(0)
    await visitor.page.reload()
    await expect(button).to_be_visible()


async def first_chat(admin: Person, visitor: Person) -> None:
    page = admin.page
    await page.get_by_role("main").get_by_role("link", name="Online visitors").click()
    await visitor.open_chat()
    await visitor.write("Do you ship to Bilbao?")
    box = await admin.accept(visitor)
    await admin.reply(box, "Every day.")
    await expect(visitor.widget.get_by_text("Every day.")).to_be_visible()


async def hide_the_list(page: Page) -> None:
    """Two of the steps are left."""
    panel = page.get_by_role("complementary", name="Side panel")
    await panel.get_by_role("link", name="First steps").click()
    await expect(page.locator(".card").filter(has_text="Try it").get_by_text("Done", exact=True)).to_be_visible()
    await expect(page.get_by_text("To do", exact=True)).to_have_count(2)
    await page.get_by_role("button", name="Hide this list").click()
    await expect(page.get_by_role("heading", name="Online visitors")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Online visitors")).to_be_visible()
    await expect(panel.get_by_role("link", name="First steps")).to_have_count(0)
