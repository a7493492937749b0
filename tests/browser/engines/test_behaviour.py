"""What differs between engines, in WebKit and Firefox: keys of a composition, storage, history, tabs, a phone's size."""

import pytest
from playwright.async_api import StorageState

from tests.browser.engines.conftest import Open, Pair
from tests.browser.engines.people import ENTER, Agent, Person, Visitor
from tests.browser.test_composition import OTHERS, SAFARI
from tests.browser.test_widget_hosts import BLOCKED_STORAGE, host_page
from tests.browser.tidy import end_chats
from tests.support.eventually import eventually

pytestmark = pytest.mark.engines

PHONE = (390, 844)
# Elements that are wider than the page, and fields into which a phone zooms.
TOO_WIDE = "return document.scrollingElement.scrollWidth - innerWidth"
SMALL = """return [...document.querySelectorAll('input, textarea, select')]
  .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 16).map((one) => one.outerHTML.slice(0, 80))"""


async def compose(person: Person, field: str) -> None:
    """Composes a word and ends it with each key that acts elsewhere."""
    element = await person.find(field)
    await person.type(field, "返品")
    for order in (SAFARI, OTHERS):
        for key in ("Enter", "Escape"):
            await person.tab.run(f"({order})(arguments[0], arguments[1])", element, key)
    assert await person.tab.run("return arguments[0].value", element) == "返品"


async def test_keys_of_a_composition_do_not_act(pair: Pair) -> None:
    """In both composers half a word is not sent. Afterwards Enter sends it, once."""
    visitor, agent = pair
    await visitor.open_chat()
    await compose(visitor, "textarea")
    await visitor.write("")
    await visitor.has_bubbles("返品")
    await agent.accept(visitor)
    await compose(agent, ".box textarea")
    await agent.reply("")
    await agent.has_texts(".box .said-ours .said-bubble", "返品")
    await visitor.has_bubbles("返品", "返品")


async def talk(visitor: Visitor, agent: Agent, text: str) -> None:
    """A first message and its answer."""
    await visitor.open_chat()
    await visitor.write(text)
    await agent.accept(visitor)
    await agent.reply(f"Answer to {text}")
    await visitor.has_bubbles(text, f"Answer to {text}")


async def test_blocked_storage(pair: Pair, public: str) -> None:
    """W-02: on a page whose storage throws."""
    async with host_page(public, BLOCKED_STORAGE) as address:
        await pair.visitor.visit(address, "/host")
        await talk(*pair, "Without storage")


async def test_the_first_letters_go_into_the_field(pair: Pair, public: str) -> None:
    """W-07: the visitor opens the chat on another site's page and writes, without a click into the field."""
    async with host_page(public, "") as address:
        await pair.visitor.visit(address, "/host")
        await pair.visitor.open_chat()
        await pair.visitor.tab.press(f"Hello{ENTER}")
        await pair.visitor.has_bubbles("Hello")


async def test_back_and_forward(pair: Pair, public: str) -> None:
    """W-03: to pages of the site and of another one."""
    visitor, agent = pair
    talked = ("Before the way back", "Answer to Before the way back")
    await talk(visitor, agent, talked[0])
    await visitor.leave_widget()
    await visitor.visit(public, "/demo/cart")
    async with host_page(public, "") as elsewhere:
        await visitor.tab.goto(elsewhere)
        for step in (visitor.tab.back, visitor.tab.back, visitor.tab.forward, visitor.tab.forward, visitor.tab.back):
            await step()
            await visitor.leave_widget()
        await visitor.enter_widget()
        await visitor.has_bubbles(*talked)
    await agent.reply("After it")
    await visitor.has_bubbles(*talked, "After it")


async def test_two_tabs(pair: Pair, public: str) -> None:
    """I-11: one visitor and one talk, in both tabs."""
    visitor, agent = pair
    await talk(visitor, agent, "From the first tab")
    await visitor.leave_widget()
    first = await visitor.tab.window()
    await visitor.tab.new_tab()
    await visitor.visit(public, "/demo/cart")
    await visitor.open_chat()
    await visitor.has_bubbles("From the first tab", "Answer to From the first tab")
    await visitor.write("From the second tab")
    await agent.find(".box .said-bubble", "From the second tab")
    await agent.reply("To both")
    wanted = ("From the first tab", "Answer to From the first tab", "From the second tab", "To both")
    await visitor.has_bubbles(*wanted)
    await visitor.leave_widget()
    await visitor.tab.to_window(first)
    await visitor.open_chat()
    await visitor.has_bubbles(*wanted)


async def test_a_talk_at_the_size_of_a_phone(pair: Pair, public: str) -> None:
    """W-07. Both at 390 pixels: nothing is wider than the page, and no field is so small that a phone zooms into it."""
    visitor, agent = pair
    for person in pair:
        await person.tab.resize(*PHONE)
        width = await person.tab.run("return innerWidth")
        assert width <= 500, f"the page is {width} pixels wide"
    await talk(visitor, agent, "From a phone")
    await fits(visitor)
    await visitor.leave_widget()
    await fits(visitor)
    await fits(agent)
    for path in ("visitors", "logs", "tickets", "settings/site", "settings/widget", "settings/profile"):
        await agent.tab.goto(f"{public}/dashboard/{path}")
        await agent.find("h1")
        await fits(agent)


async def fits(person: Person) -> None:
    async def no_field_is_small() -> bool:
        found = await person.tab.run(SMALL)
        assert found == [], found
        return True

    assert await person.tab.run(TOO_WIDE) <= 0
    await eventually(no_field_is_small, sentence="all fields have 16 px")


@pytest.mark.parametrize("open_browser", ["firefox"], indirect=True)
async def test_a_browser_that_refuses_cookies_and_storage(
    open_browser: Open, sessions: dict[str, StorageState], public: str
) -> None:
    """W-02: Firefox's own setting, in which storage throws in every page and frame."""
    blocked, agent = Visitor(await open_browser({"network.cookie.cookieBehavior": 2})), Agent(await open_browser())
    await agent.sign_in(public, "agent@palique.test")
    await blocked.visit(public)
    await talk(blocked, agent, "Without cookies")
    await end_chats(public, sessions["agent"])
