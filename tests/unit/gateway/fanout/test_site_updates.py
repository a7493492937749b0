"""A changed site reaches its own sockets: visitors of a switched-off site are closed, agents are notified (S-03)."""

import asyncio
from contextlib import suppress

import pytest
import structlog

from kit.bus.exchanges import PRESENCE
from kit.bus.publisher import Publisher
from services.gateway.accounts.model import Site
from services.gateway.fanout.site_updates import SiteUpdates
from services.gateway.overload.background_tasks import BackgroundTasks
from tests.support.eventually import eventually
from tests.unit.gateway.fanout.accounts_in_memory import Accounts
from tests.unit.gateway.fanout.live_connections import OTHER_SITE, SITE, Connections

FORBIDDEN = 4403


class World:
    """Two sites with a visitor and an agent each. The broker is away."""

    def __init__(self) -> None:
        self.accounts, connections = Accounts(), Connections()
        log = structlog.stdlib.get_logger("test")
        self.updates = SiteUpdates(
            connections.hub,
            Publisher(PRESENCE, confirms=False),
            self.accounts.identities,
            tasks=BackgroundTasks(log),
            log=log,
            check_interval_s=0.01,
        )
        for site_key in (SITE, OTHER_SITE):
            self.accounts.sites[site_key] = Site(key=site_key, name=site_key, enabled=True, origins=(), version=1)
        self.vera, self.ana = connections.visitor("vera"), connections.agent("ana")
        self.other_visitor = connections.visitor("vera", OTHER_SITE)
        self.other_agent = connections.agent("ana", OTHER_SITE)

    def switch_off(self) -> None:
        self.accounts.sites[SITE] = Site(key=SITE, name=SITE, enabled=False, origins=(), version=2)


@pytest.fixture
def world() -> World:
    return World()


async def test_switching_a_site_off_closes_its_visitors_and_notifies_its_agents(world: World) -> None:
    world.switch_off()
    await world.updates.announce(SITE)
    assert (world.vera.code, world.ana.code) == (FORBIDDEN, None)
    assert world.ana.frames == [{"type": "site_settings", "enabled": False, "version": 2}]
    assert (world.other_visitor.code, world.other_agent.frames) == (None, [])


async def test_a_version_is_sent_to_agents_once(world: World) -> None:
    await world.updates.announce(SITE)
    await world.updates.announce(SITE)
    assert world.ana.types() == ["site_settings"]


async def test_a_removed_site_closes_its_visitors(world: World) -> None:
    del world.accounts.sites[SITE]
    await world.updates.announce(SITE)
    assert (world.vera.code, world.other_visitor.code) == (FORBIDDEN, None)


async def test_without_the_database_nothing_changes(world: World) -> None:
    world.switch_off()
    world.accounts.is_down = True
    await world.updates.announce(SITE)
    assert (world.vera.code, world.ana.frames) == (None, [])


async def test_a_change_without_an_announcement_is_found_by_the_periodic_check(world: World) -> None:
    running = asyncio.create_task(world.updates.run())
    world.switch_off()
    await eventually(lambda: world.vera.code == FORBIDDEN)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
