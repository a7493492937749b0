"""I-12: what hung on a gateway that is gone leaves by itself, and nobody else does."""

from services.presence.settings import Settings
from tests.integration.presence.service import (
    Clock,
    Service,
    agent_connected,
    connected,
    disconnected,
    running,
)
from tests.support.eventually import eventually


async def are_online(presence: Service, *visitors: str) -> bool:
    return sorted(await presence.online()) == sorted(visitors)


async def test_the_visitors_of_a_killed_gateway_are_gone_within_45_seconds(presence: Service, clock: Clock) -> None:
    """Its lease ends 25 s after the last renewal, the linger 10 s later; the sweeps are the rest."""
    await presence.report(connected("v1", "c1"), connected("v2", "c2"), gateway="g1")
    await presence.report(connected("v2", "d2"), gateway="g2")
    for _ in range(4):
        clock.pass_by(6_000)
        await presence.renew("g2")
    assert await are_online(presence, "v1", "v2")
    clock.pass_by(6_000)  # 30 s: the lease is over
    await presence.renew("g2")
    await eventually(lambda: lease_is_cut(presence), 4)
    clock.pass_by(10_000)  # 40 s
    await presence.renew("g2")
    await eventually(lambda: are_online(presence, "v2"), 4)
    assert (await presence.visitor("v2")).visits == 1


async def lease_is_cut(presence: Service) -> bool:
    return presence.metric("palique_presence_changes_total", of="visitor", by="lease") >= 2


async def test_a_presence_process_that_was_away_drops_nobody(presence_settings: Settings, clock: Clock) -> None:
    """Leases are in the database; a gateway that goes on renewing keeps its visitors over a restart."""
    async with running(presence_settings, clock) as presence:
        await presence.report(connected("v1", "c1"))
        before = (await presence.online())["v1"]
    clock.pass_by(20_000)
    async with running(presence_settings, clock) as presence:
        await presence.renew("g1")
        clock.pass_by(20_000)
        await presence.renew("g1")
        await presence.report(connected("v2", "c2"), disconnected("v2", "c2"))
        clock.pass_by(11_000)
        await eventually(lambda: are_online(presence, "v1"), 4)
        assert (await presence.online())["v1"] == before


async def test_a_gateway_is_told_that_its_lease_was_lost_until_it_surely_heard(presence: Service, clock: Clock) -> None:
    assert not await presence.renew("g1")
    clock.pass_by(5_000)
    assert not await presence.renew("g1")  # should the first answer have been lost
    clock.pass_by(7_000)
    assert await presence.renew("g1")
    clock.pass_by(25_000)
    await presence.report(gateway="g1")  # a report makes a new lease, but what was reported before is not known
    assert not await presence.renew("g1")


async def test_a_gateway_that_stood_still_brings_its_visitors_back_without_a_new_visit(
    presence: Service, clock: Clock
) -> None:
    await presence.report(connected("v1", "c1"), connected("v2", "c2"))
    clock.pass_by(26_000)
    assert not await presence.renew("g1")
    await presence.report(connected("v1", "c1"))  # v2 left while it stood still
    await eventually(lambda: lease_is_cut_or_moved(presence), 4)
    clock.pass_by(11_000)
    await presence.renew("g1")
    await eventually(lambda: are_online(presence, "v1"), 4)
    assert (await presence.visitor("v1")).visits == 1


async def lease_is_cut_or_moved(presence: Service) -> bool:
    return presence.metric("palique_presence_changes_total", of="visitor", by="lease") >= 1


async def test_an_agent_of_a_killed_gateway_is_not_connected_any_more(presence: Service, clock: Clock) -> None:
    """I-14."""
    await presence.report(agent_connected("a1", "c1"))
    clock.pass_by(26_000)

    async def is_cut() -> bool:
        return presence.metric("palique_presence_changes_total", of="agent", by="lease") == 1

    await eventually(is_cut, 4)
    assert (await presence.agents())["a1"].connected
    clock.pass_by(30_000)

    async def is_away() -> bool:
        return not (await presence.agents())["a1"].connected

    await eventually(is_away, 4)
