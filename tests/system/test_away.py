"""Outage of a part of Palique: chats continue, and agents get a notice; see docs/operations.md, "When something is away"."""

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
async def test_the_chat_continues_and_agents_get_a_notice(
    running: Running, visitor: Visitor, agent: Agent, service: str, programs: list[str], tier: Tier
) -> None:
    """Both write and read during the outage. Agents get its start and end, visitors get no notice."""
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
        # A new connection gets the notice at once.
        async with agent.browser.as_agent() as another:
            assert (await another.hear_type("away"))["services"] == [service]
    await agent.client.hear(
        lambda frame: frame["type"] == "away" and frame["services"] == [], told, patience_s=PATIENCE_S
    )
    assert not [frame for frame in visitor.client.frames if frame["type"] == "away"]
