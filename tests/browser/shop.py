"""The shop that visitors see: the widget's button on its pages, and its site as an administrator changes it."""

from typing import Any

from playwright.async_api import Page

from tests.browser.chromium import Person

# A page asks again after 20 s at most.
BACK_MS = 40_000


async def change_site(admin: Person, public: str, **changes: object) -> None:
    """As an administrator does in the settings."""
    address, headers = f"{public}/api/v1/site", {"Origin": public}
    site = await (await admin.page.request.get(address)).json()
    answer = await admin.page.request.patch(address, data={"version": site["version"], **changes}, headers=headers)
    assert answer.ok, await answer.text()


def button(page: Page) -> Any:
    """The widget's own, in the host's page."""
    return page.locator("palique-chat button").first
