"""Mail in the settings: the card with its test mail, and the invitation that goes by mail, on a stack with a real SMTP server."""

import asyncio
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from kit.ids import new_id
from tests.browser.axe import nothing_found
from tests.browser.chromium import DESK, PHONE, Person, person
from tests.support.json_object import JsonObject
from tests.support.mail_server import MailServer, mail_server
from tests.support.stack import QUICK_PASSWORDS, Stack

LOOKS: dict[str, JsonObject] = {
    "desk-light-en": {"viewport": DESK, "color_scheme": "light", "locale": "en-GB"},
    "phone-dark-es": {"viewport": PHONE, "color_scheme": "dark", "locale": "es-ES"},
}


class Mailing(NamedTuple):
    server: MailServer
    public: str


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def mailing(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mailing]:
    """A stack whose tickets process has a mail server."""
    async with mail_server() as server:
        prefix = "PALIQUE_STACK_ENV_TICKETS_1_PALIQUE_MAIL"
        mail = {f"{prefix}_SERVER": server.address, f"{prefix}_SENDER": "chat@shop.test", f"{prefix}_TLS": "none"}
        stack = Stack(tmp_path_factory.mktemp("palique-mail"), QUICK_PASSWORDS | mail)
        try:
            await asyncio.to_thread(stack.start)
            yield Mailing(server, str(stack.described["public"]))
        finally:
            await asyncio.to_thread(stack.stop)


async def administrator(one: Person, public: str) -> None:
    answer = await one.context.request.post(
        f"{public}/api/v1/session",
        data={"email": "admin@palique.test", "password": "palique-demo"},
        headers={"Origin": public},
    )
    assert answer.ok, await answer.text()


async def test_the_card_sends_a_test_mail_and_shows_what_the_server_said(browser: Browser, mailing: Mailing) -> None:
    server, public = mailing
    for look, settings in LOOKS.items():
        async with person(browser, **settings) as one:
            await administrator(one, public)
            await one.page.goto(f"{public}/dashboard/settings/site")
            spanish = look.endswith("es")
            card = one.page.get_by_role("region", name="Correo" if spanish else "Mail")
            await expect(card).to_contain_text("chat@shop.test")
            for reply in ("250 OK: queued as 4711", "554 5.7.1 Relay access denied for this client"):
                server.replies = [reply]
                await card.get_by_role("button").click()
                await expect(card.get_by_role("status")).to_contain_text(reply)
                await card.scroll_into_view_if_needed()
                await one.shot(f"{look}-mail-card-{reply[:3]}")
            await nothing_found(one.page, f"mail card, {look}")
            assert one.errors == []
    assert set(server.recipients) == {"admin@palique.test"}


async def test_an_invitation_goes_by_mail_or_says_why_not(browser: Browser, mailing: Mailing) -> None:
    server, public = mailing
    replies = {
        "desk-light-en": ("250 OK", "Sent by mail to"),
        "phone-dark-es": ("550 5.1.1 No such user here", "No se ha enviado por correo"),
    }
    for look, settings in LOOKS.items():
        reply, said = replies[look]
        async with person(browser, **settings) as one:
            await administrator(one, public)
            await one.page.goto(f"{public}/dashboard/settings/agents")
            await one.page.locator(".card-head").get_by_role("button").click()
            dialog = one.page.get_by_role("dialog")
            email = f"nora-{new_id()}@shop.test"
            await dialog.get_by_role("textbox").nth(0).fill("Nora Nueva")
            await dialog.get_by_role("textbox").nth(1).fill(email)
            server.replies = [reply]
            await dialog.locator("button[type=submit]").click()
            await expect(dialog).to_contain_text(said)
            if not reply.startswith("250"):
                await expect(dialog).to_contain_text(reply)
            link = await dialog.get_by_role("figure").locator("code").inner_text()
            await one.shot(f"{look}-invitation-mail")
            await nothing_found(one.page, f"invitation by mail, {look}")
            assert one.errors == []
        if reply.startswith("250"):
            body = server.mails[-1].get_body(("plain",))
            assert body is not None
            assert link in body.get_content()
            assert server.recipients[-1] == email
