"""Keys of an input method's composition, in every field: none of them acts."""

import pytest
from playwright.async_api import Locator, expect

from tests.browser.chromium import Person

# The order of Safari: the last key comes after the end of the composition, and only `keyCode` shows that it belongs to it.
SAFARI = """(field, key) => {
  field.focus();
  field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "返品" }));
  field.dispatchEvent(new KeyboardEvent("keydown", { key, keyCode: 229, bubbles: true, cancelable: true }));
}"""
# The order of Chromium and Firefox.
OTHERS = """(field, key) => {
  field.focus();
  field.dispatchEvent(new CompositionEvent("compositionstart", { bubbles: true }));
  const options = { key, keyCode: 229, isComposing: true, bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent("keydown", options));
  field.dispatchEvent(new CompositionEvent("compositionend", { bubbles: true, data: "返品" }));
}"""


async def compose(field: Locator, order: str) -> None:
    """Composes a word and ends it with each key that acts elsewhere."""
    for key in ("Enter", "Escape", "Tab", "ArrowDown"):
        await field.evaluate(order, key)


@pytest.mark.parametrize("order", [SAFARI, OTHERS], ids=["safari", "others"])
async def test_keys_of_a_composition_do_not_act(agent: Person, visitor: Person, public: str, order: str) -> None:
    """Half a word is not sent, no window closes. Afterwards the same keys act again."""
    page = agent.page
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("返品できますか")
    box = await agent.accept(visitor)
    field = box.get_by_role("textbox", name="Write a message")
    await field.fill("返品")
    await compose(field, order)
    await expect(field).to_have_value("返品")
    await expect(box.locator(".said-ours")).to_have_count(0)

    await agent.row_of(visitor).locator(".vname").click()
    dialog = page.get_by_role("dialog")
    note = dialog.get_by_role("textbox").first
    await note.fill("返品")
    await compose(note, order)
    await expect(note).to_have_value("返品")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)

    await field.press("Enter")
    await expect(box.locator(".said-ours")).to_have_count(1)
    await field.press("Escape")
    await expect(box).to_have_count(0)
