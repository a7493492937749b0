"""The database away, or silent at the worst moment: refused with `retry`, the same again succeeds, and watchers learn of the gap."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import pytest
import structlog
from palique.presence.v1 import live_pb2
from prometheus_client import CollectorRegistry

from kit.ids import now_ms
from kit.mongo import connect
from services.presence.app.optimistic_update import visitors_settler
from services.presence.app.presence import Presence
from services.presence.domain.pages import Page
from services.presence.domain.visitor import Connected, Navigated, Origin, Visitor, step
from services.presence.events import DeltaTeller
from services.presence.metrics import Metrics
from services.presence.settings import Settings
from services.presence.store.store import Store
from tests.integration.presence.service import Service, connected, navigated, running, settings_for
from tests.support.eventually import eventually
from tests.support.proxy import Proxy

pytestmark = pytest.mark.slow


@pytest.fixture
async def link(mongodb_url: str) -> AsyncIterator[Proxy]:
    """Between presence and the database."""
    parts = urlsplit(mongodb_url)
    async with Proxy(parts.hostname or "", parts.port or 0) as proxy:
        yield proxy


def over(link: Proxy) -> str:
    return f"mongodb://127.0.0.1:{link.port}/?directConnection=true"


async def test_a_report_while_the_database_is_away_is_refused_and_succeeds_later(
    link: Proxy, presence_vhost: str, database_prefix: str, tmp_path: Path
) -> None:
    settings: Settings = settings_for(
        tmp_path, mongodb_url=over(link), amqp_url=presence_vhost, mongodb_prefix=database_prefix
    )
    async with running(settings) as presence:
        await presence.report(connected("v1", "c1"))
        await link.__aexit__(None, None, None)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await presence.report(navigated("v1", "c1", "https://shop.example/tea"))
        assert dict(refused.value.trailing_metadata() or ())["palique-code"] == "retry"
        await link.__aenter__()
        await eventually(lambda: reported(presence))
        assert (await presence.online())["v1"].page.url == "https://shop.example/tea"


async def reported(presence: Service) -> bool:
    try:
        await presence.report(navigated("v1", "c1", "https://shop.example/tea"))
    except grpc.aio.AioRpcError:
        return False
    return True


async def test_a_write_whose_answer_never_came_shows_as_a_gap(
    link: Proxy, mongodb_url: str, database_prefix: str
) -> None:
    """It is stored, the one who asked does not know, and no delta can tell: so the numbers do."""
    numbers: list[tuple[int, int]] = []

    async def publish(body: bytes, routing_key: str) -> None:
        if routing_key == "visitors.acme":
            delta = live_pb2.VisitorsDelta.FromString(body)
            numbers.append((delta.number, len(delta.upserts)))

    cut_off, client = (connect(url, app="test", registry=CollectorRegistry()) for url in (over(link), mongodb_url))
    metrics = Metrics(CollectorRegistry())
    teller = DeltaTeller("p1", publish, metrics=metrics, log=structlog.stdlib.get_logger("test"))
    store, near = (Store(each[f"{database_prefix}_presence"]) for each in (cut_off, client))
    page = Page(now_ms(), "https://shop.example/")
    await Presence(store, teller, now=now_ms, metrics=metrics).report(
        "acme", {"v1": [Connected("c1", "g1/1", page.at, page, Origin())]}, {}
    )
    await teller.flush()
    found = await store.visitors.read(["acme/v1"])
    link.hold_answers()

    def turn_page(_: str, before: Visitor | None) -> Visitor | None:
        tea = Page(page.at + 1, "https://shop.example/tea")
        return before and step(before, Navigated("c1", tea.at, tea), now_ms())

    async def is_stored() -> bool:
        return (await near.visitors.read(["acme/v1"]))["acme/v1"].pages[0].url == "https://shop.example/tea"

    settler = visitors_settler(store.visitors, teller, now_ms, metrics)
    asking = asyncio.create_task(settler.settle(["acme/v1"], found, turn_page, "test"))
    await eventually(is_stored)
    asking.cancel()
    await asyncio.wait((asking,))
    assert asking.cancelled()
    await teller.flush()
    assert numbers == [(1, 1), (3, 0)]
    link.reset()
    link.heal()
    cut_off.close()
    client.close()
