"""Availability of agents over gRPC."""

import pytest

from tests.integration.presence.service import (
    Service,
    agent_chose,
    agent_connected,
    agent_disconnected,
)
from tests.support.clock import Clock
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def test_a_chosen_status_stays_after_a_reconnect_and_after_the_linger(presence: Service, clock: Clock) -> None:
    """Requirement I-14: the chosen status outlives the connections."""
    await presence.report(agent_connected("a1", "c1"), agent_chose("a1", "c1", "away"))
    before = (await presence.agents())["a1"]
    assert (before.name, before.status, before.connected) == ("Ana", "away", True)
    await presence.report(agent_disconnected("a1", "c1"))
    assert (await presence.agents())["a1"].connected
    clock.advance(31_000)

    async def is_disconnected() -> bool:
        return not (await presence.agents())["a1"].connected

    await eventually(is_disconnected, 4)
    await presence.report(agent_connected("a1", "c2"))
    after = (await presence.agents())["a1"]
    assert (after.status, after.connected) == ("away", True)
    assert after.rev > before.rev


async def test_agents_of_another_site_are_not_listed(presence: Service) -> None:
    await presence.report(agent_connected("a1", "c1"))
    await presence.report(agent_connected("b1", "c2", name="Ben"), site="other")
    assert list(await presence.agents("acme")) == ["a1"]
    assert list(await presence.agents("third")) == []
