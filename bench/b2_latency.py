"""B2: latency of a message at low load, compared with its minimum: one majority insert and one gRPC call.

The minimum is measured at the same pace on the same stack, alternating with the messages, because an idle CPU wakes up slowly.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import uvloop
from palique.chat.v1.chat_pb2 import AppendRequest, AppendResponse
from prometheus_client import CollectorRegistry

from bench.people import directory, gateways_of
from bench.report import Line
from bench.running import stack
from bench.talks import TEXT, Talks, milliseconds
from kit.ids import new_id
from kit.mongo import Collection, connect
from services.gateway.accounts.demo_data import DEMO_SITE
from tests.support.json_object import JsonObject

CONVERSATIONS, AGENTS = 20, 2
PER_S = 20.0
PART_S, PARTS = 10.0, 2


async def paced(act: Callable[[int], Awaitable[None]], seconds: float) -> None:
    """Calls `act` so many times per second, independent of its duration."""
    began = asyncio.get_running_loop().time()
    async with asyncio.TaskGroup() as group:
        for position in range(int(seconds * PER_S)):
            await asyncio.sleep(began + position / PER_S - asyncio.get_running_loop().time())
            group.create_task(_done(act, position))


async def _done(act: Callable[[int], Awaitable[None]], position: int) -> None:
    await act(position)


class Floor:
    """Measures the insert and the call one after the other."""

    def __init__(self, collection: Collection, channel: grpc.aio.Channel, token: str) -> None:
        self._collection = collection
        self._append = channel.unary_unary(
            "/palique.chat.v1.ChatService/Append",
            request_serializer=AppendRequest.SerializeToString,
            response_deserializer=AppendResponse.FromString,
        )
        self._metadata = (("authorization", f"Bearer {token}"),)
        self.insert_s: list[float] = []
        self.call_s: list[float] = []

    async def once(self, _: int) -> None:
        began = time.perf_counter()
        await self._collection.insert_one({"_id": new_id(), "site": DEMO_SITE.key, "text": TEXT})
        inserted = time.perf_counter()
        await self._append(AppendRequest(site=DEMO_SITE.key), metadata=self._metadata)
        self.insert_s.append(inserted - began)
        self.call_s.append(time.perf_counter() - inserted)

    @property
    def both_s(self) -> list[float]:
        return [sum(pair) for pair in zip(self.insert_s, self.call_s, strict=True)]


async def measure(stack_described: JsonObject, token: str) -> JsonObject:
    """Measures messages and minimum alternately."""
    talks = Talks()
    async with directory(stack_described) as people:
        await talks.open(people, gateways_of(stack_described), CONVERSATIONS, AGENTS)
    client = connect(stack_described["mongodb"]["url"], app="bench", registry=CollectorRegistry())
    async with grpc.aio.insecure_channel(stack_described["services"]["chat"][0]["grpc"]) as channel:
        floor = Floor(client["palique_bench"]["floor"], channel, token)

        async def say(position: int) -> None:
            talks.talks[position % CONVERSATIONS].say()

        await paced(say, 3.0)
        await paced(floor.once, 1.0)
        talks.reset()
        floor.insert_s, floor.call_s = [], []
        for _ in range(PARTS):
            await paced(say, PART_S)
            await talks.quiet()
            await paced(floor.once, PART_S)
    client.close()
    return {
        "messages": talks.acks,
        "ack_ms": _spread(talks.ack_s),
        "entry_ms": _spread(talks.entry_s),
        "insert_ms": _spread(floor.insert_s),
        "call_ms": _spread(floor.call_s),
        "floor_ms": _spread(floor.both_s),
    }


def _spread(values: list[float]) -> dict[str, float]:
    return {"p50": milliseconds(values, 0.5), "p99": milliseconds(values, 0.99)}


def run() -> JsonObject:
    with stack() as running:
        token = Path(running.home, "run", "integration.token").read_text().strip()
        return uvloop.run(measure(running.described, token))


def lines(found: JsonObject) -> list[Line]:
    floor = found["floor_ms"]["p50"]
    parts = f"floor {floor:.1f} ms: insert {found['insert_ms']['p50']:.1f}, call {found['call_ms']['p50']:.1f}"
    told = []
    for name, what in (("ack_ms", "send to acknowledgement"), ("entry_ms", "send to the other side")):
        p50, p99 = found[name]["p50"], found[name]["p99"]
        told.append(
            Line(
                f"{what}, 20 messages a second",
                f"p50 {p50:.1f} ms, p99 {p99:.1f}",
                "≤ twice the floor, p99 ≤ 5 times p50",
                p50 <= 2 * floor and p99 <= 5 * p50,
                f"{p50 / floor:.2f} times the floor ({parts})",
            )
        )
    return told
