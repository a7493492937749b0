"""The API reference as the gateway serves it."""

from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import Arrive

DOCS = Path(__file__).parents[2] / "docs"


async def test_the_reference_is_a_styled_page_that_asks_no_other_host(arrive: Arrive, public: str) -> None:
    page = (await arrive()).page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{public}/dashboard/reference.html")
    await expect(page.get_by_role("heading", name="API reference")).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.body).maxWidth") == "1120px"
    for name in ("openapi.json", "asyncapi.yaml"):
        address = await page.get_by_role("link", name=name).evaluate("link => link.href")
        assert await (await page.request.get(address)).body() == (DOCS / name).read_bytes()
    assert [address for address in asked if not address.startswith(public)] == []
    await page.get_by_role("link", name="SignIn").first.click()
    await expect(page.locator("#http-SignIn")).to_be_in_viewport()
    # The summary opens without a script.
    await page.get_by_text("Example").first.click()
    await expect(page.locator("pre").first).to_contain_text('"type": "hello"')
