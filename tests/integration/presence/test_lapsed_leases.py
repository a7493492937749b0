"""Lapsed leases: kept until the sweeper has removed their connections, however many there are; deleted a minute later."""

from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
import structlog
from prometheus_client import CollectorRegistry

from kit.mongo import Collection, connect
from services.presence.app.presence import Presence
from services.presence.app.sweeper import Sweeper
from services.presence.domain.leases import LAPSED_RETENTION_MS, LEASE_MS
from services.presence.domain.pages import Page
from services.presence.domain.visitor import LINGER_MS, Connected, Origin
from services.presence.events import DeltaPublisher
from services.presence.metrics import Metrics
from services.presence.store.store import PresenceStore
from tests.support.json_object import JsonObject

START = 1_767_225_600_000


class World(NamedTuple):
    """One process's parts and its clock: `clock[0]` is the time."""

    presence: Presence
    sweeper: Sweeper
    gateways: Collection
    clock: list[int]

    async def visitors_online(self) -> list[str]:
        return [visitor.id for visitor in (await self.presence.list_online("acme")).visitors]

    async def lapsed(self) -> list[str]:
        found: JsonObject = await self.gateways.find_one({"_id": "g1"}) or {}
        return list(found["lapsed"])


@pytest.fixture
async def world(mongodb_url: str, database_prefix: str) -> AsyncIterator[World]:
    client = connect(mongodb_url, app="test", registry=CollectorRegistry())
    database = client[f"{database_prefix}_presence"]
    store = PresenceStore(database)
    await store.ensure_indexes()
    clock = [START]
    metrics, log = Metrics(CollectorRegistry()), structlog.stdlib.get_logger("test")

    async def publish(body: bytes, routing_key: str) -> None:
        """No gateway listens."""

    deltas = DeltaPublisher("p1", publish, metrics=metrics, log=log)
    presence = Presence(store, deltas, now=lambda: clock[0], metrics=metrics)
    sweeper = Sweeper(store, deltas, now=lambda: clock[0], metrics=metrics, log=log)
    yield World(presence, sweeper, database["gateways"], clock)
    client.close()


async def connect_on_a_lease_that_lapses(world: World) -> None:
    lease = await world.presence.renew_lease("g1")
    page = Page(START, "https://shop.example/")
    await world.presence.report("acme", {"v1": [Connected("c1", lease.id, START, page, Origin(), START)]}, {})
    world.clock[0] += LEASE_MS + 1_000


async def test_a_lease_that_lapsed_many_leases_ago_still_loses_its_connections(world: World) -> None:
    """No sweep succeeds for minutes while one gateway loses 30 leases: its first connection must still end."""
    await connect_on_a_lease_that_lapses(world)
    for _ in range(30):
        await world.presence.renew_lease("g1")
        world.clock[0] += LEASE_MS + 1_000
    await world.presence.renew_lease("g1")
    assert await world.visitors_online() == ["v1"]
    await world.sweeper.sweep()
    world.clock[0] += LINGER_MS
    await world.sweeper.sweep()
    assert await world.visitors_online() == []


async def test_a_lapsed_lease_is_deleted_a_minute_after_the_next_one_began(world: World) -> None:
    await connect_on_a_lease_that_lapses(world)
    await world.presence.renew_lease("g1")
    for waited_ms, left in ((20_000, 1), (20_000, 1), (LAPSED_RETENTION_MS - 40_000, 0)):
        world.clock[0] += waited_ms
        await world.presence.renew_lease("g1")
        await world.sweeper.sweep()
        assert len(await world.lapsed()) == left
    assert await world.visitors_online() == []
