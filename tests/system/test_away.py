"""What goes on while a part of Palique is away, and what agents are told of it; see docs/operations.md, "When something is away"."""

import pytest

from devstack.program import Tier
from tests.support.outage import without
from tests.support.people import Agent, Visitor
from tests.support.running import Running

# A broker takes its time to stop and to start on a busy machine.
PATIENCE_S = 90.0


@pytest.mark.parametrize(
    ("service", "programs", "tier"),
    [
        ("presence", ["presence-1"], Tier.SERVICES),
        ("tickets", ["tickets-1"], Tier.SERVICES),
        ("rabbitmq", ["rabbitmq"], Tier.BACKENDS),
    ],
)
async def test_the_chat_goes_on_and_agents_are_told(
    running: Running, visitor: Visitor, agent: Agent, service: str, programs: list[str], tier: Tier
) -> None:
    """Both write and read meanwhile; a visitor is told nothing, an agent what is away, and when it is back."""
    conversation = (await visitor.client.send("Before", None))["conversation"]
    await agent.client.hear_type("conversation", conversation=conversation)
    assert (await agent.client.ask("accept", conversation=conversation))["ok"]
    async with without(running.home, *programs, tier=tier):
        await agent.client.hear(
            lambda frame: frame["type"] == "away" and frame["services"] == [service], patience_s=PATIENCE_S
        )
        told = len(agent.client.frames)
        assert (await visitor.client.send("Meanwhile", conversation))["type"] == "ack"
        assert (await agent.client.send("I read you", conversation))["type"] == "ack"
        await agent.client.caught_up(conversation, ["Before", "Meanwhile", "I read you"])
        await visitor.client.caught_up(conversation, ["Before", "Meanwhile", "I read you"])
        # Who comes now is told at once.
        async with agent.browser.as_agent() as another:
            assert (await another.hear_type("away"))["services"] == [service]
    await agent.client.hear(
        lambda frame: frame["type"] == "away" and frame["services"] == [], told, patience_s=PATIENCE_S
    )
    assert not [frame for frame in visitor.client.frames if frame["type"] == "away"]
