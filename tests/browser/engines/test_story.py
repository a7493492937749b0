"""The main job in WebKit and Firefox: a visitor and an agent see each other and talk."""

from tests.browser.engines.conftest import Pair


async def test_a_talk(pair: Pair, public: str) -> None:
    """S-01, S-30, W-01 … W-03."""
    visitor, agent = pair
    await visitor.open_chat()
    await visitor.write("Is the blue teapot in stock?")
    await visitor.has_bubbles("Is the blue teapot in stock?")
    await agent.accept(visitor)
    await agent.find(".box .said-bubble", "Is the blue teapot in stock?")
    await agent.reply("It is. Shall I put one aside?")
    await visitor.has_bubbles("Is the blue teapot in stock?", "It is. Shall I put one aside?")
    await visitor.find("h1", "Berta")

    await visitor.leave_widget()
    await visitor.tab.reload()
    await visitor.open_chat()
    await visitor.has_bubbles("Is the blue teapot in stock?", "It is. Shall I put one aside?")
    await visitor.write("Yes, please.")
    await agent.find(".box .said-bubble", "Yes, please.")
