"""What axe finds in a page as it stands: nothing (W-07)."""

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Page

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}

# Only what is returned crosses to the test: a whole result holds each node that passed.
FIND = """async (only) => {
    const found = await axe.run(document, {runOnly: only, iframes: false, resultTypes: ["violations"]});
    return found.violations.map((rule) => [rule.id, rule.nodes.map((node) => node.target)]);
}"""


async def nothing_found(page: Page, where: str) -> None:
    """In the page as it stands; the widget's frame is looked into, too."""
    # A policy that lets nothing in lets nothing of ours in either: past it, as the browser's own tools go.
    for frame in page.frames:
        if not await frame.evaluate("'axe' in window"):
            await frame.evaluate(AXE_FILE_PATH.read_text())
    # What is half faded in has half its contrast.
    still = "() => Promise.allSettled(document.getAnimations().map((one) => one.effect?.getComputedTiming().endTime < 5_000 && one.finished))"
    for frame in page.frames:
        await frame.evaluate(still)
        found = await frame.evaluate(FIND, RULES)
        assert found == [], f"{where}: {found}"


async def nothing_found_in_either_theme(page: Page, where: str) -> None:
    """Of a state that is too dear to be made again."""
    for scheme in ("dark", "light"):
        await page.emulate_media(color_scheme=scheme)
        await nothing_found(page, f"{where}, {scheme}")
