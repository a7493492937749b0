"""The consumer of hints: its bound, and the order of deliveries."""

from typing import Any, cast

from palique.chat.v1.live_pb2 import LiveBatch, LiveEntry
from prometheus_client import CollectorRegistry

from services.gateway.bus_consumer import MAX_WAITING, HintConsumer
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.metrics import Metrics
from services.gateway.overload.loop_slices import LoopSlicer
from tests.support.eventually import eventually


def batch(number: int, entries: int) -> bytes:
    return LiveBatch(publisher="chat", number=number, entries=[LiveEntry(site="demo")] * entries).SerializeToString()


async def test_hints_past_the_bound_are_dropped_and_a_catch_up_is_requested() -> None:
    reasons, metrics = list[str](), Metrics(CollectorRegistry())
    hub, no_chat = Hub(metrics), cast(Any, None)
    consumer = HintConsumer(
        hub,
        participants=ParticipantCache(no_chat),
        site_status=SiteStatus(
            hub, online=lambda _: None, name=lambda *_: None, load=lambda _: None, sheds=lambda _: False
        ),
        request_catch_up=reasons.append,
        writes=LoopSlicer(1),
        now=lambda: 0,
        metrics=metrics,
    )
    consumer.consume("", batch(1, MAX_WAITING))
    reasons.clear()
    consumer.consume("", batch(2, 1))
    assert (len(consumer), reasons) == (MAX_WAITING, ["overflow"])
    await eventually(lambda: not len(consumer))
    consumer.consume("", batch(3, 1))
    assert (len(consumer), reasons) == (1, ["overflow"])
    await eventually(lambda: not len(consumer))
