"""B6: ten thousand sockets cut at once. Time until 99 % are connected again, effect on open conversations, and the longest
delay of the gateway's event loop.

A client reconnects as the widget does: after a random wait of 0 … 0.5 s · 2ⁿ, at most 30 s. A few conversations keep their sockets
and send one message per second each. A ping on one of these sockets every 20 ms measures the delay of the loop.
"""

import asyncio
import time
from collections.abc import Sequence

import httpx
import uvloop

from bench.accounting import Accounts, groups_of
from bench.b2_latency import paced
from bench.crowd import CrowdProcess, crowd_of
from bench.people import directory, gateways_of
from bench.report import Line
from bench.running import stack
from bench.talks import Talks, milliseconds
from bench.websocket import Socket
from tests.support.json_object import JsonObject

SOCKETS = 10_000
CONVERSATIONS, AGENTS = 20, 2
BACK = 0.99
PATIENCE_S = 60.0
# After the first arrival.
SETTLE_S = 10.0
PROBE_S = 0.02
LAG = "palique_event_loop_lag_seconds_bucket"


class Probe:
    """Measures the round trip of pings on one socket repeatedly."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._heard = asyncio.Event()
        self.waits_s: list[float] = []
        before = socket.take

        def take(text: bytes) -> None:
            before(text)
            if text.startswith(b'{"type":"pong"'):
                self._heard.set()

        socket.take = take

    async def run(self) -> None:
        while True:
            self._heard.clear()
            began = time.perf_counter()
            self._socket.send(b'{"type":"ping","cursors":[]}')
            await self._heard.wait()
            self.waits_s.append(time.perf_counter() - began)
            await asyncio.sleep(PROBE_S)


async def measure(stack_described: JsonObject) -> JsonObject:
    gateway = gateways_of(stack_described)[0]
    talks = Talks()
    async with directory(stack_described) as people:
        await talks.open(people, [gateway], CONVERSATIONS, AGENTS)
        visitors = await people.visitors(SOCKETS)
    async with crowd_of(gateway, visitors) as crowd:
        await crowd.order(come=SOCKETS)
        await asyncio.sleep(SETTLE_S)
        return await _cut(stack_described, crowd, talks)


async def _cut(stack_described: JsonObject, crowd: CrowdProcess, talks: Talks) -> JsonObject:
    ops = stack_described["services"]["gateway"][0]["ops"]
    probe = Probe(talks.agents[0])
    probing = asyncio.create_task(probe.run())
    calm = await _calm(talks, probe)
    lag_before = await lag_of(ops)
    accounts = Accounts({**groups_of(stack_described), "crowd": [crowd.pid]})
    cut = asyncio.create_task(crowd.order(cut=PATIENCE_S))

    async def say(position: int) -> None:
        if talks.talks[position % CONVERSATIONS].is_answered:
            talks.talks[position % CONVERSATIONS].say()

    began = time.perf_counter()
    while not cut.done():
        await paced(say, 1.0)
    used, took = accounts.used(), time.perf_counter() - began
    await talks.quiet()
    probing.cancel()
    lag = {bound: count - lag_before[bound] for bound, count in (await lag_of(ops)).items()}
    return {
        **_returned(cut.result()),
        "calm": calm,
        "ack_ms": _shown(talks.ack_s),
        "messages": talks.acks,
        "refused": talks.refused,
        "pong_ms": _shown(probe.waits_s),
        "lag_counts": lag,
        "cpu_s": used,
        "seconds": took,
    }


def _returned(crowd: JsonObject) -> JsonObject:
    """When the sockets were back."""
    back = sorted(crowd["back_s"])
    return {
        "sockets": SOCKETS,
        "back": len(back),
        "back_99_s": back[int(SOCKETS * BACK) - 1] if len(back) >= SOCKETS * BACK else None,
        "back_all_s": back[-1] if len(back) == SOCKETS else None,
        "dials": crowd["dials"],
    }


def _shown(waits_s: Sequence[float]) -> dict[str, float]:
    return {"p50": milliseconds(waits_s, 0.5), "p99": milliseconds(waits_s, 0.99), "max": 1000 * max(waits_s)}


async def _calm(talks: Talks, probe: Probe) -> dict[str, float]:
    """The same figures before the cut."""

    async def say(position: int) -> None:
        talks.talks[position % CONVERSATIONS].say()

    talks.reset()
    probe.waits_s.clear()
    await paced(say, 5.0)
    await talks.quiet()
    found = {"ack_p99_ms": milliseconds(talks.ack_s, 0.99), "pong_max_ms": 1000 * max(probe.waits_s)}
    talks.reset()
    probe.waits_s.clear()
    return found


async def lag_of(ops: str) -> dict[str, float]:
    """The cumulative counts of timer delays of the process, by upper bound in seconds."""
    async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
        text = (await http.get(f"{ops}/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith(LAG)]
    return {line.split('le="')[1].split('"')[0]: float(line.rsplit(" ", 1)[1]) for line in lines}


def run() -> JsonObject:
    with stack() as running:
        return uvloop.run(measure(running.described))


def _nothing(_: bytes) -> None:
    pass


def lines(found: JsonObject) -> list[Line]:
    back, pong, ack = found["back_99_s"], found["pong_ms"], found["ack_ms"]
    return [
        Line(
            f"{SOCKETS:,} sockets cut at once: 99 % back",
            f"{back:.1f} s" if back else f"{found['back']:,} back after {PATIENCE_S:.0f} s",
            "≤ 30 s",
            bool(back) and back <= 30,
            f"{found['dials']:,} dials; gateway {found['cpu_s']['gateway']:.1f} s of CPU, presence {found['cpu_s']['presence']:.1f}, MongoDB {found['cpu_s']['mongodb']:.1f}",
        ),
        Line(
            "messages meanwhile",
            f"{found['messages']} acknowledged, {found['refused']} refused; p50 {ack['p50']:.0f} ms, p99 {ack['p99']:.0f}",
            "they flow",
            found["messages"] > 0 and found["refused"] == 0,
            f"before it p99 {found['calm']['ack_p99_ms']:.0f} ms",
        ),
        Line(
            "the gateway's loop meanwhile: longest wait of a ping",
            f"{pong['max']:.0f} ms, p99 {pong['p99']:.0f}",
            "no stall > 100 ms",
            pong["max"] <= 100,
            "seen from a socket that was not cut, all in one",
        ),
    ]
