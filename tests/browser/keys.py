"""A person without a mouse: presses keys, and the focus must never be lost."""

from playwright.async_api import Page

# The body has the focus when the browser does not know where it belongs.
_LOST = "document.activeElement === null || document.activeElement === document.body"
_PLACE = """() => {
  const one = document.activeElement;
  const label = document.getElementById(one.getAttribute("aria-labelledby"))?.textContent;
  return label || one.getAttribute("aria-label") || one.labels?.[0]?.textContent || one.textContent.trim() || one.tagName;
}"""


class Keys:
    """The keyboard of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)
            assert not await self.page.evaluate(_LOST), f"after {key} nothing has the focus"

    async def write(self, text: str) -> None:
        await self.page.keyboard.type(text)
        assert not await self.page.evaluate(_LOST), f"after {text!r} nothing has the focus"

    async def where(self) -> str:
        """The name of what has the focus."""
        return str(await self.page.evaluate(_PLACE))

    async def to(self, name: str, key: str = "Tab", steps: int = 40) -> None:
        """Presses the key until what is called so has the focus."""
        seen = []
        for _ in range(steps):
            seen.append(await self.where())
            if name in seen[-1]:
                return
            await self.press(key)
        raise AssertionError(f"{key} does not lead to {name!r}, but to {seen}")
