"""What a larger text cuts or covers in a page as it stands: nothing (WCAG 1.4.4)."""

from dataclasses import dataclass

from playwright.async_api import Frame, Page, ViewportSize

from tests.browser.chromium import PHONE
from tests.support.eventually import eventually

# A text is cut where an ancestor that does not scroll clips it, or where it leaves the window. An ellipsis cuts, too, except in the
# first line of a message and in a word without end, which are cut at any size (test_bad_input).
CUT = """() => {
  const EXCERPTS = '.waiting-line .cut, .waiting-notice .cut, .chats-names .muted, .popup .cut.muted';
  const ENDLESS = /[^ ]{60}/;
  const seen = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const name = (one) => `${one.tagName.toLowerCase()}.${one.getAttribute('class') ?? ''}`;
  const found = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    const own = text.parentElement;
    if (!text.data.trim() || own.closest('script, style, [inert], [aria-hidden=true], .visually-hidden, .skip') || !seen(own)) continue;
    if (own.closest(EXCERPTS) || ENDLESS.test(text.data)) continue;
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) continue;
    const free = {x: false, y: false};
    for (let one = own; one && one !== document.documentElement; one = one.parentElement) {
      const style = getComputedStyle(one), edge = one.getBoundingClientRect();
      if (style.display === 'inline' || style.display === 'contents') continue;
      if (edge.width <= 1) break;
      const cutX = !free.x && /hidden|clip/.test(style.overflowX) && (box.right > edge.right + 1 || box.left < edge.left - 1);
      const cutY = !free.y && /hidden|clip/.test(style.overflowY) && (box.bottom > edge.bottom + 2 || box.top < edge.top - 2);
      if (cutX || cutY) { found.push(`${name(own)} "${text.data.trim().slice(0, 60)}" cut by ${name(one)}`); break; }
      if (/auto|scroll/.test(style.overflowX)) free.x = true;
      if (/auto|scroll/.test(style.overflowY)) free.y = true;
      if (style.position === 'fixed') break;
    }
    if (!free.x && (box.right > innerWidth + 1 || box.left < -1)) found.push(`${name(own)} "${text.data.trim().slice(0, 60)}" outside the window`);
  }
  for (const one of document.querySelectorAll('button, select, input, textarea, .badge, .chip, a.button')) {
    if (!seen(one) || one.closest('[inert]') || one.type === 'checkbox' || one.type === 'file') continue;
    const tall = one.scrollHeight - one.clientHeight, wide = one.scrollWidth - one.clientWidth;
    const scrolls = one.tagName === 'TEXTAREA' && one.value;
    if ((tall > 2 && !scrolls) || (wide > 2 && one.tagName !== 'INPUT'))
      found.push(`${name(one)} "${(one.textContent || one.value).slice(0, 60)}" larger than its box by ${wide} x ${tall}`);
    if (one.placeholder && one.clientHeight < parseFloat(getComputedStyle(one).fontSize)) found.push(`${name(one)} lower than its text`);
  }
  return found;
}"""
# Texts above each other, as both are seen.
OVERLAPPED = """() => {
  const LAYER = ':modal, .popup, .menu-list';
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange(), boxes = [];
  for (let text = words.nextNode(); text; text = words.nextNode()) {
    const own = text.parentElement;
    if (!text.data.trim() || own.closest('script, style, [inert], .visually-hidden, .skip')) continue;
    if (document.querySelector(LAYER) && !own.closest(LAYER)) continue;
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      const met = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      if (box.width > 2 && own.contains(met)) boxes.push({text: text.data.trim().slice(0, 40), own, box});
    }
  }
  const found = [];
  for (const [index, {text, own, box}] of boxes.entries())
    for (const other of boxes.slice(index + 1)) {
      if (own === other.own || own.contains(other.own) || other.own.contains(own)) continue;
      const wide = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const tall = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
      if (wide > 2 && tall > box.height / 3) found.push(`"${text}" and "${other.text}" overlap`);
    }
  return found;
}"""
# The controls that a click at their place does not reach. A control that is inert or hidden is none.
COVERED = """() => { const LAYER = ':modal, .popup, .menu-list'; return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .filter((one) => !one.closest('[inert]') && one.checkVisibility({visibilityProperty: true}) && one.offsetWidth > 1)
  .filter((one) => !document.querySelector(LAYER) || one.closest(LAYER))
  .flatMap((one) => {
    one.scrollIntoView({block: 'center', inline: 'nearest'});
    // A link that is wrapped before its first letter begins with an empty box.
    const place = [...one.getClientRects()].find(({width, height}) => width > 1 && height > 1);
    const met = document.elementFromPoint(place.x + place.width / 2, place.y + place.height / 2);
    if (one.contains(met) || one.closest('label')?.contains(met) || one.className === 'skip') return [];
    return [`${one.className} "${one.ariaLabel ?? one.textContent}" at ${Math.round(place.y)} covered by ${met?.tagName} ${met?.className}`];
  }); }"""
FOUND = f"() => [{CUT}, {OVERLAPPED}, {COVERED}].flatMap((find) => find())"
# Below 16 px iOS zooms into a field.
SMALL = """() => [...document.querySelectorAll('input, textarea, select')]
  .filter((one) => !['checkbox', 'radio', 'color', 'file'].includes(one.type) && parseFloat(getComputedStyle(one).fontSize) < 16)
  .map((one) => `${one.tagName} ${one.className} has ${getComputedStyle(one).fontSize}`)"""
# What a field asks for, wider than the field.
ASKED = """() => { const pen = document.createElement('canvas').getContext('2d');
  return [...document.querySelectorAll('input[placeholder]')]
    .filter((one) => !one.closest('[inert]') && one.checkVisibility({visibilityProperty: true}))
    .flatMap((one) => {
      const style = getComputedStyle(one);
      pen.font = style.font;
      const room = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
      return pen.measureText(one.placeholder).width > room + 1 ? [`"${one.placeholder}" is cut`] : [];
    }); }"""
# At rest: after the layout, and after the animations that end.
RESIZED = """async (size) => {
  document.documentElement.style.fontSize = size;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime < 5_000);
  await Promise.allSettled(ending.map((one) => one.finished));
}"""


@dataclass(frozen=True)
class Zoom:
    """A way to see everything twice as large. `text` is the size of the text alone."""

    name: str
    viewport: ViewportSize
    text: str = "100%"


ZOOMS = (
    Zoom("text at 200 %", {"width": 1440, "height": 900}, "200%"),
    Zoom("page at 200 %", {"width": 640, "height": 400}),
    Zoom("text at 200 % on a phone", PHONE, "200%"),
)


async def all_fits(page: Page, where: str) -> None:
    """At twice the size, in each way, once the page is at rest; then the page is as it was."""
    before = page.viewport_size
    assert before is not None
    for zoom in ZOOMS:
        await _resize(page, zoom.viewport, zoom.text)
        for frame in _ours(page):
            await _fits(frame, f"{where}, {zoom.name}")
    await _resize(page, PHONE)
    for frame in _ours(page):
        found = [*await frame.evaluate(SMALL), *await frame.evaluate(ASKED)]
        assert found == [], f"{where}, on a phone: {found}"
    await _resize(page, before)


async def _fits(frame: Frame, where: str) -> None:
    """Waits until nothing is cut or covered. Drawn frames are no measure of that: effects of a larger text run after them. Lists ask
    the server for rows, and the host page gives the widget its new height by messages. What is wrong in the end stays.
    """

    async def nothing_is_found() -> bool:
        found: list[str] = await frame.evaluate(FOUND)
        assert found == [], found
        return True

    await eventually(nothing_is_found, sentence=f"nothing is cut or covered: {where}")


async def _resize(page: Page, viewport: ViewportSize, text: str = "") -> None:
    await page.set_viewport_size(viewport)
    for frame in page.frames:
        await frame.evaluate(RESIZED, text)


def _ours(page: Page) -> list[Frame]:
    """The dashboard, or the widget without the page around it."""
    widgets = [frame for frame in page.frames if "/widget/app/" in frame.url]
    return widgets or [page.main_frame]
