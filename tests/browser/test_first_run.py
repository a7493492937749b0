"""The first day: from an empty database to the first chat on an own page, as a new user goes that way."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from devstack.folders import Folders
from tests.browser.axe import nothing_found
from tests.browser.chromium import DESK, PHONE, Person, person
from tests.browser.conftest import Arrive
from tests.browser.own_page import own_page
from tests.support.stack import QUICK_PASSWORDS, Stack

# Each size, theme and language once with each other kind.
LOOKS: dict[str, dict[str, Any]] = {
    "desk-light-en": {"viewport": DESK, "color_scheme": "light", "locale": "en-GB"},
    "desk-dark-es": {"viewport": DESK, "color_scheme": "dark", "locale": "es-ES"},
    "phone-light-es": {"viewport": PHONE, "color_scheme": "light", "locale": "es-ES"},
    "phone-dark-en": {"viewport": PHONE, "color_scheme": "dark", "locale": "en-GB"},
}
PASSWORD = "a new horse battery"


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


async def show_in_all_looks(browser: Browser, address: str, state: str, **options: Any) -> None:
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
    """S-08, W-01: the set-up page, the snippet, a visitor's message and the answer."""
    public = empty.described["public"]
    await show_in_all_looks(browser, f"{public}/dashboard/", "set-up")
    snippet = ""
    async with own_page(lambda: snippet) as origin:
        admin = await arrive()
        await set_up(admin.page, public, logged_code(empty), origin)
        await admin.page.get_by_role("button", name=re.compile("Ana López")).wait_for()
        await admin.go("settings/site")
        snippet = await admin.page.locator("code").first.inner_text()
        visitor = await arrive()
        await visitor.visit(origin, "/")
        await first_chat(admin, visitor, public)
    stranger = await arrive()
    await stranger.page.goto(f"{public}/dashboard/")
    await expect(stranger.page.get_by_role("button", name="Sign in")).to_be_visible()


async def first_chat(admin: Person, visitor: Person, public: str) -> None:
    await visitor.open_chat()
    await visitor.write("Do you ship to Bilbao?")
    await admin.open_dashboard(public)
    box = await admin.accept(visitor)
    await admin.reply(box, "Every day.")
    await expect(visitor.widget.get_by_text("Every day.")).to_be_visible()
