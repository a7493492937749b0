"""What agents see while a part of Palique is away: one sentence, in their language, and their chats as ever."""

import pytest
from playwright.async_api import expect

from devstack.program import Tier
from tests.browser.chromium import Person
from tests.support.outage import without
from tests.support.stack import Stack

# A broker takes its time to stop and to start on a busy machine.
PATIENCE_MS = 90_000


@pytest.mark.parametrize(
    ("program", "tier", "says"),
    [
        ("presence-1", Tier.SERVICES, "may be out of date right now. Chats still work."),
        ("rabbitmq", Tier.BACKENDS, "may arrive a few seconds late"),
    ],
)
async def test_the_agent_sees_the_outage_and_the_chat_continues(
    agent: Person, visitor: Person, public: str, stack: Stack | None, program: str, tier: Tier, says: str
) -> None:
    if stack is None:
        pytest.skip("parts of a stack that somebody else runs are not taken away")
    await visitor.visit(public)
    await visitor.open_chat()
    await visitor.write("Hello?")
    box = await agent.accept(visitor)
    banner = agent.page.locator(".banner")
    async with without(stack.home, program, tier=tier):
        await expect(banner).to_contain_text(says, timeout=PATIENCE_MS)
        await visitor.write("Still there?")
        await expect(box.get_by_text("Still there?")).to_be_visible()
        # A few seconds late is nothing that a visitor need know.
        assert await visitor.widget.locator(".notice").is_hidden()
    await expect(banner).to_be_hidden(timeout=PATIENCE_MS)
