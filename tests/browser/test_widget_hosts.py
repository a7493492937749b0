"""The widget on pages that disturb it: hostile styles, strict policies, old libraries, a foreign base address, blocked storage."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

import pytest
from playwright.async_api import Locator, expect

from tests.browser.chromium import Person
from tests.browser.own_page import own_page

# Rules as strong as a page can write them, against every element that the widget might use.
HOSTILE_CSS = """<style>
* { display: none !important; position: static !important; transform: scale(0) !important; opacity: 0 !important; }
html, body { display: block !important; overflow: hidden !important; transform: none !important; opacity: 1 !important; }
palique-chat { visibility: hidden !important; width: 0 !important; clip-path: inset(50%) !important; all: unset !important; }
palique-chat, palique-chat * { pointer-events: none !important; z-index: -1 !important; content-visibility: hidden !important; }
button, iframe { display: none !important; width: 1px !important; height: 1px !important; left: -9999px !important; }
:host, ::part(button) { display: none !important; }
</style>"""
# As old libraries do: methods of built-in objects replaced, and enumerable ones added, so that `for … in` meets them.
OLD_LIBRARIES = """<script>
Array.prototype.each = function (act) { for (var i = 0; i < this.length; i++) act(this[i]); };
Array.prototype.toJSON = function () { return "patched array"; };
String.prototype.toJSON = function () { return "patched text"; };
Object.prototype.extend = function () { return this; };
Object.prototype.post = "not yours";
Function.prototype.bind = function (that) { var run = this; return function () { return run.apply(that, arguments); }; };
Array.from = function (list) { var all = []; for (var i = 0; i < list.length; i++) all.push(list[i]); return all; };
document.getElementsByClassName = function () { return []; };
window.$ = function () { throw new Error("not your library"); };
</script>"""
BASE = '<base href="https://elsewhere.example/deep/">'
BLOCKED_STORAGE = """<script>
for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, {
  get() { throw new DOMException("The operation is insecure.", "SecurityError"); },
});
navigator.locks.request = () => Promise.reject(new DOMException("The operation is insecure.", "SecurityError"));
</script>"""
STRICT = "default-src 'none'; script-src {public}; connect-src {public} {sockets}; frame-src {public}"


def host_page(
    public: str, head: str, policy: str = "", *, kind: str = "text/javascript", attributes: str = ""
) -> AbstractAsyncContextManager[str]:
    """The address of a page with this head. The site's tag comes after the head, as on real pages.

    `kind` is the type of the tag's script, `attributes` are further ones.
    """
    tag = f'<script type="{kind}" src="{public}/widget.js" data-site="demo" {attributes} async></script>'
    sockets = public.replace("http", "ws", 1)
    return own_page(lambda: head + tag, policy.format(public=public, sockets=sockets))


async def talk(visitor: Person, agent: Person) -> Locator:
    """A message and its answer; returns the widget's last bubble."""
    button = visitor.page.locator("palique-chat button").first
    await expect(button).to_be_visible()
    box = await button.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (56, 56)
    await visitor.open_chat()
    frame = visitor.page.locator("palique-chat iframe")
    await expect(frame).to_be_visible()
    size = await frame.bounding_box()
    assert size is not None
    assert size["width"] > 300
    assert size["height"] > 400
    await visitor.write("Can you read this?")
    window = await agent.accept(visitor)
    await expect(window.get_by_text("Can you read this?")).to_have_count(1)
    await agent.reply(window, "Every word.")
    answer = visitor.widget.get_by_text("Every word.")
    await expect(answer).to_be_visible()
    return answer


@pytest.mark.parametrize(
    ("head", "policy"),
    [
        pytest.param(HOSTILE_CSS, "", id="hostile styles"),
        pytest.param(OLD_LIBRARIES, "", id="old libraries"),
        pytest.param(BASE, "", id="foreign base address"),
        pytest.param("", STRICT, id="strict policy"),
        pytest.param(BLOCKED_STORAGE, "", id="blocked storage"),
    ],
)
async def test_a_talk_works_on_a_page_that_disturbs(
    visitor: Person, agent: Person, public: str, head: str, policy: str
) -> None:
    """W-01, W-02: the widget shows, sends and receives."""
    violations: list[str] = []
    visitor.page.on(
        "console", lambda line: violations.append(line.text) if "Content Security Policy" in line.text else None
    )
    async with host_page(public, head, policy) as address:
        await visitor.visit(address, "/host")
        await talk(visitor, agent)
    # The strict page has an icon of its own, which its own policy refuses.
    assert [text for text in violations if "palique" in text or "/widget" in text] == []


async def test_the_back_button_returns_to_the_open_talk(visitor: Person, agent: Person, public: str) -> None:
    """W-03, I-11: from another page and from another site's page, with the page cache and without."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Before the way back")
    window = await agent.accept(visitor)
    await visitor.visit(public, "/demo/cart")
    await visitor.page.go_back()
    await expect(visitor.widget.get_by_text("Before the way back")).to_be_visible()
    async with host_page(public, "") as elsewhere:
        await visitor.page.goto(elsewhere)
        await visitor.page.go_back()
        await expect(visitor.widget.get_by_text("Before the way back")).to_be_visible()
    await agent.reply(window, "After it")
    await expect(visitor.widget.get_by_text("After it")).to_have_count(1)
    await expect(agent.row_of(visitor)).to_have_count(1)


async def test_twenty_tabs_of_one_visitor_are_one_row_and_one_talk(visitor: Person, agent: Person, public: str) -> None:
    """I-11, W-03."""
    await visitor.visit(public)
    for _ in range(19):
        page = await visitor.context.new_page()
        await page.goto(f"{public}/demo/cart?who={visitor.tag}")
        await expect(page.locator("palique-chat button").first).to_be_visible()
    await visitor.open_chat()
    await visitor.write("From the first tab")
    window = await agent.accept(visitor)
    await agent.reply(window, "To all of them")
    last = visitor.context.pages[-1]
    await last.locator("palique-chat button").first.click()
    words = last.frame_locator("iframe[src*='/widget/app/']").locator(".bubble")
    await expect(words).to_have_text(["From the first tab", "To all of them"])
    await expect(agent.row_of(visitor)).to_have_count(1)


@asynccontextmanager
async def below_a_path(public: str) -> AsyncIterator[str]:
    """Another address of the gateway, /chat on a host of its own: a proxy that removes the path and serves nothing else."""
    host, _, port = public.removeprefix("http://").partition(":")

    def within(start: re.Match[bytes]) -> bytes:
        return start[1] if start[2] else start[1] + b"/elsewhere/"

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(65536):
                # Browsers send the head of a request at once.
                writer.write(re.sub(rb"\A([A-Z]+ )/(chat)?", within, chunk))
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_gateway, to_gateway = await asyncio.open_connection(host, int(port))
        await asyncio.gather(relay(reader, to_gateway), relay(from_gateway, writer))

    async with await asyncio.start_server(accept, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/chat"


async def test_a_module_below_a_path_works_and_the_button_is_not_printed(
    visitor: Person, agent: Person, public: str
) -> None:
    """W-01, W-02."""
    async with below_a_path(public) as gateway, host_page(gateway, "", kind="module") as address:
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
        await visitor.visit(address, "/host")
        await talk(visitor, agent)
        assert [url for url in asked if not url.startswith((gateway, "/", "blob:", "data:"))] == []
        await visitor.page.emulate_media(media="print")
        await expect(visitor.page.locator("palique-chat button").first).to_be_hidden()
        await expect(visitor.page.locator("palique-chat iframe")).to_be_hidden()
        # The dashboard does not work there, and shows it.
        await visitor.page.goto(f"{gateway}/dashboard/")
        await expect(visitor.page.get_by_text("The dashboard did not start.")).to_be_visible()
