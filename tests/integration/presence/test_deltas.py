"""Deltas over the real bus: every change reaches every gateway, from several processes at once."""

import asyncio
import random
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from palique.presence.v1 import presence_pb2 as pb

from services.presence.settings import Settings
from tests.integration.presence.service import (
    Service,
    connected,
    disconnected,
    metadata,
    navigated,
    of_one_database,
    running,
    settings_for,
)
from tests.integration.presence.watcher import Watcher, watching
from tests.support.backends import AnyBackend
from tests.support.clock import Clock
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def is_equal(watcher: Watcher, presence: Service) -> bool:
    return watcher.rows == await presence.online()


async def test_a_change_reaches_gateways_as_a_delta(
    presence: Service, presence_settings: Settings, clock: Clock
) -> None:
    """Requirements S-14, S-15, I-12: connect, page change, edit and leave reach the list without a new snapshot."""
    async with watching(presence, presence_settings.amqp_url) as watcher:
        await eventually(lambda: watcher.snapshots)
        await presence.report(connected("v1", "c1"))
        await eventually(lambda: "v1" in watcher.rows)
        await eventually(lambda: watcher.is_up_to_date)
        snapshots = watcher.snapshots
        await presence.report(navigated("v1", "c1", "https://shop.example/tea", "Tea"))
        await eventually(lambda: watcher.rows["v1"].page.title == "Tea")
        request = pb.EditVisitorRequest(site="acme", visitor="v1", version=1, name="Vera")
        await presence.stub.EditVisitor(request, metadata=metadata(), timeout=10)
        await eventually(lambda: watcher.rows["v1"].name == "Vera")
        await presence.report(disconnected("v1", "c1"))
        clock.advance(11_000)
        await eventually(lambda: not watcher.rows)
        assert watcher.snapshots == snapshots  # deltas alone made it equal


async def test_a_report_makes_one_delta_for_its_site_only(presence: Service, presence_settings: Settings) -> None:
    """Requirement I-16: the fan-out is bounded."""
    async with (
        watching(presence, presence_settings.amqp_url) as watcher,
        watching(presence, presence_settings.amqp_url, "other") as other,
    ):
        await eventually(lambda: watcher.snapshots and other.snapshots)
        await presence.report(*(connected(f"v{number}", f"c{number}") for number in range(100)))
        await eventually(lambda: len(watcher.rows) == 100)
        assert [len(delta.upserts) for delta in watcher.deltas if delta.upserts] == [100]
        assert not [delta for delta in other.deltas if delta.upserts]


async def test_watchers_converge_to_the_list_under_concurrent_reports_to_two_processes(
    presence_settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    """Snapshot and deltas equal a later snapshot, with two processes, two gateways and a moving clock."""
    second = settings_for(tmp_path, **of_one_database(presence_settings))
    choice = random.Random(7)  # noqa: S311 - a sequence of events, no secret
    async with (
        running(presence_settings, clock) as one,
        running(second, clock) as two,
        watching(one, presence_settings.amqp_url) as first_watcher,
        watching(two, presence_settings.amqp_url) as second_watcher,
    ):
        for number in range(30):
            reports = [
                service.report(*some_events(choice, gateway, number), gateway=gateway)
                for service, gateway in ((one, "g1"), (two, "g2"), (one, "g1"), (two, "g2"))
            ]
            await asyncio.gather(*reports)
            clock.advance(choice.choice((0, 500, 4_000)))
            if number % 5 == 0:
                second_watcher.behind.set()
        await one.renew("g1")
        await two.renew("g2")
        await eventually(lambda: is_equal(first_watcher, two))
        await eventually(lambda: is_equal(second_watcher, one))
        assert first_watcher.rows


def some_events(choice: random.Random, gateway: str, number: int) -> list[pb.SocketEvent]:
    events = []
    for _ in range(10):
        visitor, connection = f"v{choice.randrange(12)}", f"{gateway}-{choice.randrange(8)}-{number // 3}"
        match choice.randrange(3):
            case 0:
                events.append(connected(visitor, connection))
            case 1:
                events.append(navigated(visitor, connection, f"https://shop.example/{choice.randrange(5)}"))
            case _:
                events.append(disconnected(visitor, connection))
    return events


async def test_a_watcher_recovers_deltas_that_the_broker_lost(
    presence: Service, presence_settings: Settings, rabbitmq: AnyBackend
) -> None:
    """The broker closes every connection. Reports succeed meanwhile, and the watcher gets their changes soon after."""
    async with watching(presence, presence_settings.amqp_url) as watcher:
        await presence.report(connected("v1", "c1"))
        await eventually(lambda: "v1" in watcher.rows)
        vhost = urlsplit(presence_settings.amqp_url).path.removeprefix("/")
        rabbitmq.backend.control("close_all_connections", "--vhost", vhost, "a test")  # type: ignore[attr-defined] # the private broker's
        await presence.report(connected("v2", "c2"), navigated("v1", "c1", "https://shop.example/tea"))
        await eventually(lambda: is_equal(watcher, presence))
        assert sorted(watcher.rows) == ["v1", "v2"]
