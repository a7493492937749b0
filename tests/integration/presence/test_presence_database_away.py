"""Database unreachable, or silent after a write: refused with `retry`, a repeat succeeds, and watchers detect a gap."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import structlog
from palique.presence.v1 import live_pb2
from prometheus_client import CollectorRegistry

from kit.ids import now_ms
from kit.mongo import connect
from services.presence.app.optimistic_update import VisitorUpdater
from services.presence.app.presence import Presence
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Connected, Navigated, Origin, Visitor, apply_event
from services.presence.events import DeltaPublisher
from services.presence.metrics import Metrics
from services.presence.settings import Settings
from services.presence.store.store import PresenceStore
from tests.integration.presence.service import Service, connected, navigated, running, settings_for
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow


@pytest.fixture
async def proxy(mongodb_url: str) -> AsyncIterator[Proxy]:
    """A proxy between presence and the database."""
    async with Proxy.before(mongodb_url) as started:
        yield started


def over(proxy: Proxy) -> str:
    return f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true"


async def test_a_report_without_the_database_is_refused_and_succeeds_later(
    proxy: Proxy, presence_vhost: str, database_prefix: str, tmp_path: Path
) -> None:
    settings: Settings = settings_for(
        tmp_path, mongodb_url=over(proxy), amqp_url=presence_vhost, mongodb_prefix=database_prefix
    )
    async with running(settings) as presence:
        await presence.report(connected("v1", "c1"))
        await proxy.__aexit__(None, None, None)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await presence.report(navigated("v1", "c1", "https://shop.example/tea"))
        assert dict(refused.value.trailing_metadata() or ())["palique-code"] == "retry"
        await proxy.__aenter__()
        await eventually(lambda: reported(presence))
        assert (await presence.online())["v1"].page.url == "https://shop.example/tea"


async def reported(presence: Service) -> bool:
    try:
        await presence.report(navigated("v1", "c1", "https://shop.example/tea"))
    except grpc.aio.AioRpcError:
        return False
    return True


async def test_a_write_without_an_answer_leaves_a_gap(proxy: Proxy, mongodb_url: str, database_prefix: str) -> None:
    """The change is stored, but the writer does not know it, so no delta publishes it."""
    numbers: list[tuple[int, int]] = []

    async def publish(body: bytes, routing_key: str) -> None:
        if routing_key == "visitors.acme":
            delta = live_pb2.VisitorsDelta.FromString(body)
            numbers.append((delta.number, len(delta.upserts)))

    cut_off, client = (connect(url, app="test", registry=CollectorRegistry()) for url in (over(proxy), mongodb_url))
    metrics = Metrics(CollectorRegistry())
    deltas = DeltaPublisher("p1", publish, metrics=metrics, log=structlog.stdlib.get_logger("test"))
    store, near = (PresenceStore(each[f"{database_prefix}_presence"]) for each in (cut_off, client))
    page = Page(now_ms(), "https://shop.example/")
    await Presence(store, deltas, now=now_ms, metrics=metrics).report(
        "acme", {"v1": [Connected("c1", "g1/1", page.at, page, Origin(), page.at)]}, {}
    )
    await deltas.flush()
    found = await store.visitors.read(["acme/v1"])
    proxy.hold_answers()

    def turn_page(_: str, before: Visitor | None) -> Visitor | None:
        tea = Page(page.at + 1, "https://shop.example/tea")
        return before and apply_event(before, Navigated("c1", tea.at, tea, tea.at), now_ms())

    async def is_stored() -> bool:
        return (await near.visitors.read(["acme/v1"]))["acme/v1"].pages[0].url == "https://shop.example/tea"

    updater = VisitorUpdater(store.visitors, deltas, now=now_ms, metrics=metrics)
    update = asyncio.create_task(updater.update(["acme/v1"], found, turn_page, "test"))
    await eventually(is_stored)
    update.cancel()
    await asyncio.wait((update,))
    assert update.cancelled()
    await deltas.flush()
    assert numbers == [(1, 1), (3, 0)]
    proxy.reset()
    proxy.heal()
    cut_off.close()
    client.close()
