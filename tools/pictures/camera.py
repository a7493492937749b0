"""Takes pictures in one look: a language, a theme and a screen size."""

from typing import Any

from tests.browser.chromium import DESK, PHONE, Person

LOOKS: dict[str, dict[str, Any]] = {
    f"{size}-{scheme}-{locale[:2]}": {"viewport": viewport, "color_scheme": scheme, "locale": locale}
    for size, viewport in (("desk", DESK), ("phone", PHONE))
    for scheme in ("light", "dark")
    for locale in ("en-GB", "es-ES")
}
# What is drawn after the last answer came.
SETTLE_MS = 300
# Several draw at once, on a machine that may have more to do.
PATIENCE_MS = 120_000


class Camera:
    """Takes the pictures of one person in one look."""

    def __init__(self, one: Person, look: str) -> None:
        self._one = one
        one.page.set_default_timeout(PATIENCE_MS)
        self.look = look
        self.phone = look.startswith("phone")
        self.spanish = look.endswith("es")

    async def take(self, state: str) -> None:
        """Saves a picture, named by look and state."""
        await self._one.page.wait_for_timeout(SETTLE_MS)
        await self._one.shot(f"{self.look}-{state}")
