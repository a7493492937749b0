"""Settings of the site for administrators, and personal settings for all agents."""

import base64
import re

from playwright.async_api import FilePayload, expect

from kit.ids import new_id
from tests.browser.chromium import Person
from tests.browser.conftest import Arrive

PASSWORD = "a new horse battery"
# One red dot.
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


async def invite(admin: Person, public: str, email: str) -> str:
    """The link that the administrator hands over."""
    page = admin.page
    await page.goto(f"{public}/dashboard/settings/agents")
    await page.get_by_role("button", name="Invite an agent").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Full name").fill("Nora Nueva")
    await dialog.get_by_label("E-mail").fill(email)
    await dialog.get_by_role("button", name="Create the link").click()
    return await dialog.get_by_role("figure").locator("code").inner_text()


async def test_without_a_mail_server_the_settings_and_the_invitation_say_so(admin: Person, public: str) -> None:
    await invite(admin, public, f"nora-{new_id()}@shop.test")
    await expect(admin.page.get_by_role("dialog")).to_contain_text("Not sent by mail: no mail server is configured.")
    await admin.page.goto(f"{public}/dashboard/settings/site")
    card = admin.page.get_by_role("region", name="Mail")
    await expect(card).to_contain_text("No mail server is configured.")
    await expect(card.get_by_role("button")).to_have_count(0)


async def join(nora: Person, link: str) -> None:
    """Opens an invitation as its recipient."""
    await nora.page.goto(link)
    await nora.page.get_by_label("New password").fill(PASSWORD)
    await nora.page.get_by_role("button", name="Save and sign in").click()
    await expect(nora.page.get_by_role("link", name="Settings")).to_be_visible()


async def sign_out_elsewhere_and_everywhere(nora: Person, again: Person) -> None:
    """A6: the other session ends at once, then the own one."""
    await nora.page.reload()
    rows = nora.page.locator(".sessions-row")
    await expect(rows).to_have_count(2)
    await expect(rows.filter(has_text="Este navegador")).to_have_count(1)
    await rows.get_by_role("button", name="Cerrar sesión").click()
    await expect(rows).to_have_count(1)
    await expect(again.page.locator(".signin")).to_be_visible()
    await nora.page.get_by_role("button", name="Cerrar todas las sesiones").click()
    await expect(nora.page.locator(".signin")).to_be_visible()


async def test_an_invited_agent_signs_in_and_is_deactivated_again(admin: Person, arrive: Arrive, public: str) -> None:
    """S-04, I-19, I-21: the token leaves the address bar at once, the link works once, the access ends within seconds."""
    email = f"nóra-{new_id()}@münchen.example"
    link = await invite(admin, public, email)
    nora = await arrive()
    await join(nora, link)
    assert "invitation" not in nora.page.url
    other = await arrive()
    await other.page.goto(link)
    await expect(other.page.get_by_text("This link was already used")).to_be_visible()
    # An agent's settings are their own.
    await nora.page.goto(f"{public}/dashboard/settings/agents")
    await expect(nora.page.get_by_role("navigation", name="Settings").get_by_role("link")).to_have_text(["My profile"])
    await expect(nora.page.get_by_role("button", name="Invite an agent")).to_have_count(0)
    await admin.page.reload()
    row = admin.page.get_by_role("listitem").filter(has_text=email)
    await expect(row).to_contain_text("Active")
    await row.get_by_role("button", name="Deactivate").click()
    await expect(row).to_contain_text("Deactivated")
    await expect(nora.page.get_by_role("button", name="Sign in")).to_be_visible()


async def test_photo_and_language_are_the_agents_wherever_they_sign_in(
    admin: Person, arrive: Arrive, public: str
) -> None:
    """S-56, and the language that an agent chose."""
    email = f"nóra-{new_id()}@münchen.example"
    nora = await arrive()
    await join(nora, await invite(admin, public, email))
    await nora.page.goto(f"{public}/dashboard/settings/profile")
    picture = FilePayload(name="me.png", mimeType="image/png", buffer=PHOTO)
    await nora.page.locator("input[type=file]").set_input_files([picture])
    await expect(nora.page.locator(".photo img")).to_have_attribute("src", re.compile(r"/api/v1/photos/\w+\?v="))
    await nora.page.get_by_label("Language of the dashboard").select_option("es")
    await expect(nora.page.get_by_role("heading", name="Ajustes")).to_be_visible()
    again = await arrive()
    await again.page.goto(f"{public}/dashboard/")
    await again.page.get_by_label("E-mail").fill(email)
    await again.page.get_by_label("Password").fill(PASSWORD)
    await again.page.get_by_role("button", name="Sign in").click()
    await expect(again.page.get_by_role("link", name="Ajustes")).to_be_visible()
    await expect(again.page.locator(".agent-face img")).to_have_count(1)
    await sign_out_elsewhere_and_everywhere(nora, again)


async def test_the_settings_give_the_line_that_puts_the_chat_on_a_page(admin: Person, public: str) -> None:
    """S-03."""
    await admin.page.goto(f"{public}/dashboard/settings/site")
    snippet = admin.page.get_by_role("figure", name="Add the chat to your pages").locator("code")
    await expect(snippet).to_have_text(f'<script src="{public}/widget.js" data-site="demo" async></script>')
    await expect(admin.page.get_by_role("switch", name="Live chat on this site")).to_be_checked()
