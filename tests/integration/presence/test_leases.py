"""Leases of gateways: the persons on a crashed gateway go offline by time alone, all others stay (requirement I-12)."""

from services.presence.settings import Settings
from tests.integration.presence.service import (
    Service,
    agent_connected,
    connected,
    disconnected,
    running,
)
from tests.support.clock import Clock
from tests.support.eventually import eventually


async def are_online(presence: Service, *visitors: str) -> bool:
    return sorted(await presence.online()) == sorted(visitors)


async def test_the_visitors_of_a_crashed_gateway_are_offline_within_45_seconds(presence: Service, clock: Clock) -> None:
    """The lease ends 25 s after the last renewal, the linger 10 s later; sweeps take the rest."""
    await presence.report(connected("v1", "c1"), connected("v2", "c2"), gateway="g1")
    await presence.report(connected("v2", "d2"), gateway="g2")
    for _ in range(4):
        clock.advance(6_000)
        await presence.renew("g2")
    assert await are_online(presence, "v1", "v2")
    clock.advance(6_000)  # 30 s: the lease is over
    await presence.renew("g2")
    await eventually(lambda: leases_are_removed(presence), 4)
    clock.advance(10_000)  # 40 s
    await presence.renew("g2")
    await eventually(lambda: are_online(presence, "v2"), 4)
    assert (await presence.visitor("v2")).visits == 1


async def leases_are_removed(presence: Service) -> bool:
    return presence.metric("palique_presence_changes_total", of="visitor", by="lease") >= 2


async def test_a_restart_of_presence_keeps_all_visitors_online(presence_settings: Settings, clock: Clock) -> None:
    """Leases are in the database: a gateway that keeps renewing keeps its visitors."""
    async with running(presence_settings, clock) as presence:
        await presence.report(connected("v1", "c1"))
        before = (await presence.online())["v1"]
    clock.advance(20_000)
    async with running(presence_settings, clock) as presence:
        await presence.renew("g1")
        clock.advance(20_000)
        await presence.renew("g1")
        await presence.report(connected("v2", "c2"), disconnected("v2", "c2"))
        clock.advance(11_000)
        await eventually(lambda: are_online(presence, "v1"), 4)
        assert (await presence.online())["v1"] == before


async def test_a_lost_lease_is_reported_at_two_renewals(presence: Service, clock: Clock) -> None:
    assert not await presence.renew("g1")
    clock.advance(5_000)
    assert not await presence.renew("g1")  # the first answer may be lost
    clock.advance(7_000)
    assert await presence.renew("g1")
    clock.advance(25_000)
    await presence.report(gateway="g1")  # makes a new lease; earlier reports are not part of it
    assert not await presence.renew("g1")


async def test_a_paused_gateway_reports_its_visitors_again_without_a_new_visit(presence: Service, clock: Clock) -> None:
    await presence.report(connected("v1", "c1"), connected("v2", "c2"))
    clock.advance(26_000)
    assert not await presence.renew("g1")
    await presence.report(connected("v1", "c1"))  # v2 left during the pause

    async def only_v1_is_left() -> bool:
        clock.advance(1_000)
        await presence.renew("g1")
        return await are_online(presence, "v1")

    await eventually(only_v1_is_left)
    assert (await presence.visitor("v1")).visits == 1


async def test_an_agent_of_a_crashed_gateway_is_disconnected_after_the_linger(presence: Service, clock: Clock) -> None:
    """Requirement I-14: an agent is connected until the linger after the last connection."""
    await presence.report(agent_connected("a1", "c1"))
    clock.advance(26_000)

    async def is_removed() -> bool:
        return presence.metric("palique_presence_changes_total", of="agent", by="lease") == 1

    await eventually(is_removed, 4)
    assert (await presence.agents())["a1"].connected
    clock.advance(30_000)

    async def is_disconnected() -> bool:
        return not (await presence.agents())["a1"].connected

    await eventually(is_disconnected, 4)
