"""Hints that come while others are on their way to their readers."""

from typing import Any, cast

from palique.chat.v1.live_pb2 import LiveBatch, LiveEntry
from prometheus_client import CollectorRegistry

from services.gateway.bus_consumer import WAITING_BOUND, HintConsumer
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.metrics import Metrics
from services.gateway.overload.loop_slices import LoopSlicer
from tests.support.eventually import eventually


class Asked:
    """Why the true heads were asked for."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def behind(self, reason: str) -> None:
        self.reasons.append(reason)


def batch(number: int, entries: int) -> bytes:
    return LiveBatch(publisher="chat", number=number, entries=[LiveEntry(site="demo")] * entries).SerializeToString()


async def test_what_has_no_room_is_left_and_asked_for() -> None:
    asked, metrics = Asked(), Metrics(CollectorRegistry())
    hub = Hub(metrics)
    standing = SiteStatus(hub, online=lambda _: None, load=lambda _: None, sheds=lambda _: False)
    nobody_asks = cast(Any, None)
    hints = HintConsumer(
        hub,
        directory=ParticipantCache(nobody_asks),
        standing=standing,
        catching_up=asked,
        writes=LoopSlicer(1),
        now=lambda: 0,
        metrics=metrics,
    )
    hints.take("", batch(1, WAITING_BOUND))
    asked.reasons.clear()
    hints.take("", batch(2, 1))
    assert (len(hints), asked.reasons) == (WAITING_BOUND, ["overflow"])
    await eventually(lambda: not len(hints))
    hints.take("", batch(3, 1))
    assert (len(hints), asked.reasons) == (1, ["overflow"])
    await eventually(lambda: not len(hints))
