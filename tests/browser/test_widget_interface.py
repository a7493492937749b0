"""The widget's interface for the scripts of a page: calls, events, attributes of the tag, and what the page's addresses give away."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.chromium import DESK, PHONE, Person
from tests.browser.conftest import Arrive
from tests.browser.shop import button
from tests.browser.test_widget_hosts import STRICT, host_page, talk
from tests.browser.test_widget_site import consent
from tests.support.eventually import eventually

__all__ = ["consent"]

# As in docs/widget.md.
STUB = """<script>
window.Palique ??= new Proxy([], { get: (queue, name) => name in queue ? queue[name] : (...values) => queue.push([name, ...values]) });
</script>"""
EARLY = f"""{STUB}<script>
window.heard = [];
for (const event of ["unread", "open", "message"]) Palique.on(event, (value) => heard.push([event, value]));
Palique.profile({{ name: "Vera Peña", email: "vera@shop.example", phone: "+34 91 123" }});
Palique.prefill("My order is 1234.");
Palique.open();
</script>"""
OWN_BUTTON = """<script>
addEventListener("DOMContentLoaded", () => {
  const own = document.createElement("button");
  own.textContent = "Talk to us";
  own.onclick = () => Palique.open();
  document.body.append(own);
});
</script>"""

VISITOR = """async () => {
  const body = JSON.stringify({ site: "demo", token: localStorage["palique:demo"] });
  const { origin } = new URL(document.querySelector("script[data-site]").src);
  return (await (await fetch(`${origin}/api/v1/visitor/session`, { method: "POST", body })).json()).visitor;
}"""


async def heard(page: Page, event: str) -> list[object]:
    found: list[list[object]] = await page.evaluate("heard")
    return [value for name, value in found if name == event]


@pytest.mark.parametrize("kind", ["text/javascript", "module"])
async def test_calls_from_before_the_script_arrived_are_made(
    visitor: Person, agent: Person, public: str, kind: str
) -> None:
    """The panel opens with the page's text, agents see the profile, and the page hears what happens."""
    async with host_page(public, EARLY, kind=kind) as address:
        await visitor.visit(address, "/host")
        field = visitor.widget.get_by_role("textbox")
        await expect(field).to_have_value("My order is 1234.")
        await field.press("Enter")
        await expect(visitor.widget.get_by_role("log")).to_contain_text("My order is 1234.")
        await expect(agent.row_of(visitor)).to_contain_text("Vera Peña")
        box = await agent.accept_called("Vera Peña")
        await agent.reply(box, "It is on its way.")
        await expect(visitor.widget.get_by_role("log")).to_contain_text("It is on its way.")
        page = visitor.page
        await eventually(lambda: heard(page, "message"), sentence="the page hears of messages")

        async def both() -> bool:
            return await heard(page, "message") == [{"from": "visitor"}, {"from": "agent"}]

        await eventually(both, sentence="the page hears of both messages")
        assert await heard(page, "open") == [True]
        await page.evaluate("Palique.close()")
        await expect(visitor.page.locator("palique-chat iframe")).to_be_hidden()
        await agent.reply(box, "And paid.")

        async def one_unread() -> bool:
            return (await heard(page, "unread"))[-1:] == [1]

        await eventually(one_unread, sentence="the page hears of an unread message")
        assert await heard(page, "open") == [True, False]


async def test_a_page_fills_what_fits_and_replaces_nothing(visitor: Person, agent: Person, public: str) -> None:
    await visitor.visit(public)
    await visitor.page.evaluate("Palique.profile({ name: 'Vera', email: 'no address' })")
    await expect(agent.row_of(visitor)).to_contain_text("Vera")
    await visitor.page.evaluate("Palique.profile({ name: 'Igor', phone: '1' })")
    await visitor.open_chat()
    await visitor.write("Who am I?")
    await agent.accept_called("Vera")


async def test_agents_see_the_fields_of_a_page_live_until_a_reset(visitor: Person, agent: Person, public: str) -> None:
    """In the visitor's dialogue and beside the chat, as plain text, after a reload too."""
    early = """<script>
    (window.Palique ??= []).push(["fields", { plan: "Pro", cart: 129.9, note: "<b>bold</b>", nested: { a: 1 } }]);
    </script>"""
    async with host_page(public, early) as address:
        await visitor.visit(address, "/host")
        await visitor.open_chat()
        await visitor.write("Where is my order?")
        await agent.row_of(visitor).locator(".vname").click()
        dialogue = agent.page.get_by_role("dialog")
        facts = dialogue.locator(".fact")
        await expect(dialogue.get_by_role("heading", name="From the page")).to_be_visible()
        await expect(facts.filter(has_text="plan")).to_contain_text("Pro")
        await expect(facts.filter(has_text="note")).to_contain_text("<b>bold</b>")
        await expect(dialogue).not_to_contain_text("nested")
        await agent.shot("page-fields-dialogue")
        await visitor.page.evaluate("Palique.fields({ cart: 7, order: 'A-1234', plan: null, nombre: 'שלום' })")
        await expect(facts.filter(has_text="order")).to_contain_text("A-1234")
        await expect(facts.filter(has_text="plan")).to_have_count(0)
        await agent.page.keyboard.press("Escape")
        box = await agent.accept(visitor)
        await box.get_by_role("button", name="Maximise").click()
        side = box.get_by_role("complementary", name="Visitor details").locator(".fact")
        await expect(side.filter(has_text="order")).to_contain_text("A-1234")
        await visitor.page.evaluate("Palique.fields({ order: 'B-5678' })")
        await expect(side.filter(has_text="order")).to_contain_text("B-5678")
        for theme in ("light", "dark"):
            await agent.page.emulate_media(color_scheme=theme)
            await agent.shot(f"page-fields-side-{theme}")
        await agent.page.reload()
        await expect(side.filter(has_text="order")).to_contain_text("B-5678")
        await visitor.page.evaluate("Palique.reset()")
        await expect(visitor.widget.get_by_text("Where is my order?")).to_have_count(0)
        # The next visitor has a record, and none of the fields.
        new = f"{public}/api/v1/visitors/{await visitor.page.evaluate(VISITOR)}"

        async def is_known() -> bool:
            return bool((await agent.page.request.get(new)).ok)

        await eventually(is_known, sentence="presence knows the next visitor")
        assert (await (await agent.page.request.get(new)).json())["fields"] == []


async def test_a_hidden_widget_has_no_button_and_opens_from_the_pages_own(
    visitor: Person, agent: Person, public: str
) -> None:
    async with host_page(public, OWN_BUTTON, attributes="data-hidden") as address:
        await visitor.visit(address, "/host")
        await expect(agent.row_of(visitor)).to_have_count(1)
        page = visitor.page
        await expect(button(page)).to_be_hidden()
        own = page.get_by_role("button", name="Talk to us")
        await own.click()
        await expect(visitor.widget.get_by_role("textbox")).to_be_focused()
        await visitor.write("Is the teapot in stock?")
        box = await agent.accept(visitor)
        await visitor.widget.get_by_role("button", name="Minimise the chat").click()
        await expect(page.locator("palique-chat iframe")).to_be_hidden()
        await expect(button(page)).to_be_hidden()
        await expect(own).to_be_focused()
        # No notice of a message either: neither panel, nor preview, nor title.
        await agent.reply(box, "It is.")
        # In the log, which is hidden now.
        await expect(visitor.widget.locator(".bubble").get_by_text("It is.")).to_have_count(1)
        await expect(page.locator("palique-chat iframe")).to_be_hidden()
        assert await page.title() == "Host"
        await page.evaluate("Palique.show()")
        await expect(button(page)).to_be_visible()
        await expect(visitor.widget.locator(".preview")).to_contain_text("It is.")
        await page.evaluate("Palique.hide()")
        await expect(button(page)).to_be_hidden()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_the_tag_places_the_widget(arrive: Arrive, public: str, size: dict[str, int]) -> None:
    visitor = await arrive(size)
    placed = 'data-position="left" data-offset="24px 80px" data-language="es"'
    async with host_page(public, "", STRICT, attributes=placed) as address:
        await visitor.visit(address, "/host")
        page = visitor.page
        box = await button(page).bounding_box()
        assert box is not None
        assert (box["x"], size["height"] - box["y"] - box["height"]) == (24, 80)
        await visitor.open_chat()
        frame = page.locator("palique-chat iframe")

        async def in_place() -> bool:
            found = await frame.bounding_box()
            above = 0 if size is PHONE else 148
            left = 0 if size is PHONE else 24
            return found is not None and (found["x"], size["height"] - found["y"] - found["height"]) == (left, above)

        await eventually(in_place, sentence="the panel is above the button, or covers a phone")
        found = await frame.bounding_box()
        assert found is not None
        assert found["y"] >= 0
        await expect(visitor.widget.get_by_role("button", name="Enviar")).to_be_visible()
        for theme in ("light", "dark"):
            await page.emulate_media(color_scheme=theme)
            await visitor.shot(f"widget-placed-{size['width']}-{theme}")


async def test_agents_see_no_token_of_an_address(visitor: Person, agent: Person, public: str) -> None:
    """Neither at the first page nor after a navigation without a load; the rest of the query stays."""
    sent: list[str] = []
    visitor.page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(str(data))))
    await visitor.page.goto(f"{public}/demo?who={visitor.tag}&reset_token=a1b2&page=2#access_token=c3d4")
    await expect(agent.row_of(visitor)).to_contain_text(f"/demo?who={visitor.tag}&page=2")
    await visitor.page.evaluate(
        "history.pushState(null, '', location.pathname + location.search + '&code=e5f6&sort=new')"
    )
    await expect(agent.row_of(visitor)).to_contain_text("sort=new")
    await visitor.page.goto(f"{public}/demo/cart?who={visitor.tag}")
    await expect(agent.row_of(visitor)).to_contain_text("/demo/cart")
    assert [frame for frame in sent if any(secret in frame for secret in ("a1b2", "c3d4", "e5f6"))] == []
    assert any("/demo?who=" in frame for frame in sent)


async def test_the_tag_lists_the_parameters_that_agents_see(visitor: Person, agent: Person, public: str) -> None:
    async with host_page(public, "", attributes='data-query="who sort"') as address:
        await visitor.page.goto(f"{address}/host?who={visitor.tag}&sort=new&q=gift+for+ana")
        await expect(agent.row_of(visitor)).to_contain_text(f"/host?who={visitor.tag}&sort=new")
        await expect(agent.row_of(visitor)).not_to_contain_text("gift")


async def test_after_a_reset_the_next_person_finds_nothing(visitor: Person, agent: Person, public: str) -> None:
    """In this tab, in another one with the chat open, and after a reload."""
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("My card ends with 1234.")
    box = await agent.accept(visitor)
    await agent.reply(box, "Thank you, Vera.")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("Thank you, Vera.")
    await visitor.widget.get_by_role("textbox").fill("An unsent secret")
    other = await visitor.context.new_page()
    await other.goto(f"{public}/demo/cart?who={visitor.tag}")
    there = other.frame_locator("iframe[src*='/widget/app/']")
    await expect(there.get_by_text("Thank you, Vera.")).to_have_count(1)
    token = await visitor.page.evaluate("localStorage['palique:demo']")
    await visitor.page.evaluate("Palique.reset()")
    for panel in (visitor.widget, there):
        await expect(panel.get_by_text("Thank you, Vera.")).to_have_count(0)

    async def renewed() -> bool:
        found = await visitor.page.evaluate("localStorage['palique:demo']")
        return found not in (None, token)

    await eventually(renewed, sentence="the browser has another token")

    async def is_worth_nothing() -> bool:
        body = {"site": "demo", "token": token}
        post = visitor.page.request.post
        found = await post(f"{public}/api/v1/visitor/session", data=body, headers={"origin": public})
        assert found.ok, await found.text()
        return bool((await found.json())["token"] != token)

    await eventually(is_worth_nothing, sentence="the gateway has ended the old token")
    await visitor.open_chat()
    await expect(visitor.widget.get_by_role("textbox")).to_have_value("")
    await visitor.write("I am the next one.")
    await expect(visitor.widget.get_by_role("log")).to_contain_text("I am the next one.")
    await visitor.page.reload()
    await expect(visitor.widget.get_by_role("log")).to_contain_text("I am the next one.")
    await expect(visitor.widget.get_by_text("Thank you, Vera.")).to_have_count(0)
    # The old talk got nothing of the new person.
    await expect(box.get_by_text("I am the next one.")).to_have_count(0)


async def test_on_a_site_with_consent_a_reset_ends_the_tracking_and_the_next_page_asks(
    visitor: Person, agent: Person, consent: None, public: str
) -> None:
    """W-08."""
    await visitor.visit(public)
    await visitor.page.evaluate("Palique.consent()")
    await expect(agent.row_of(visitor)).to_have_count(1)
    await visitor.page.evaluate("Palique.reset()")
    await expect(visitor.page.locator("palique-chat")).to_have_count(0)
    assert await visitor.page.evaluate("localStorage.length + sessionStorage.length") == 0
    await visitor.visit(public, "/demo/cart")
    # A call of the page opens the question, which a visitor answers.
    await visitor.page.evaluate("Palique.open()")
    question = visitor.page.get_by_role("dialog", name="Before we chat")
    await question.get_by_role("button", name="Yes, chat").click()
    await expect(visitor.widget.get_by_role("textbox")).to_be_focused()


async def test_a_strict_policy_permits_all_of_it(visitor: Person, agent: Person, public: str) -> None:
    violations: list[str] = []
    visitor.page.on("console", lambda line: violations.append(line.text) if "Content Security" in line.text else None)
    async with host_page(public, "", STRICT, attributes='data-offset="40px 40px"') as address:
        await visitor.visit(address, "/host")
        await talk(visitor, agent)
        await visitor.page.evaluate("Palique.profile({ name: 'Vera' })")
        await visitor.page.evaluate("Palique.prefill('Thank you.')")
        await expect(visitor.widget.get_by_role("textbox")).to_have_value("Thank you.")
        await visitor.page.evaluate("Palique.hide()")
        await expect(button(visitor.page)).to_be_hidden()
    assert [text for text in violations if "palique" in text or "/widget" in text] == []
