"""Floods: what other people notice of each, how the gateway ends it, and what it costs in memory.

Beside each flood two people work: one calls the HTTP API on a new connection each time, one sends pings on a websocket. Both come from
another address than a flood of connections. Nothing is asserted about time.
"""

import asyncio
import time
from contextlib import suppress

import httpx
import uvloop

from bench.accounting import resident_bytes
from bench.flood_client import FLOODS, flood
from bench.people import Person, come_as_visitor, directory, gateways_of
from bench.report import Line
from bench.running import stack
from bench.talks import milliseconds
from bench.websocket import Socket
from services.gateway.accounts.identity import SESSION_COOKIE
from tests.support.json_object import JsonObject

CALM_S, AFTER_S = 3.0, 4.0
CALL_S, PING_S, MEMORY_S = 0.04, 0.2, 0.05
# The limit of the issue, and of a recovery.
GOOD_S = 0.1
PATIENCE_S = 90.0


class Watch:
    """Measures while it runs: `calls` and `pings` are (begin, seconds)."""

    def __init__(self, gateway: str, cookie: str, socket: Socket, pid: int) -> None:
        self._gateway, self._cookie, self._socket, self._pid = gateway, cookie, socket, pid
        self._heard = asyncio.Event()
        self.calls: list[tuple[float, float]] = []
        self.pings: list[tuple[float, float]] = []
        self.failed = 0
        self.peak = 0
        socket.take = self._take

    def _take(self, text: bytes) -> None:
        if text.startswith(b'{"type":"pong"'):
            self._heard.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for work in (self._call, self._ping, self._weigh):
                group.create_task(work())

    async def _call(self) -> None:
        headers = {"cookie": f"{SESSION_COOKIE}={self._cookie}", "connection": "close"}
        async with httpx.AsyncClient(base_url=f"http://{self._gateway}", headers=headers, trust_env=False) as http:
            while True:
                began = time.perf_counter()
                try:
                    (await http.get("/api/v1/me", timeout=PATIENCE_S)).raise_for_status()
                except httpx.HTTPError:
                    self.failed += 1
                self.calls.append((began, time.perf_counter() - began))
                await asyncio.sleep(CALL_S)

    async def _ping(self) -> None:
        while True:
            self._heard.clear()
            began = time.perf_counter()
            self._socket.send(b'{"type":"ping","cursors":[]}')
            await self._heard.wait()
            self.pings.append((began, time.perf_counter() - began))
            await asyncio.sleep(PING_S)

    async def _weigh(self) -> None:
        while True:
            self.peak = max(self.peak, resident_bytes(self._pid))
            await asyncio.sleep(MEMORY_S)

    def reset(self) -> None:
        self.calls.clear()
        self.pings.clear()
        self.failed, self.peak = 0, resident_bytes(self._pid)

    def p99_ms(self, until: float) -> float:
        """Of both, as far as they began by then."""
        waits = [seconds for began, seconds in (*self.calls, *self.pings) if began <= until]
        return milliseconds(waits, 0.99)

    def recovered_s(self, end: float) -> float:
        """From the end of the flood to the end of the last call that took longer than GOOD_S."""
        return max([0.0, *(began + took - end for began, took in (*self.calls, *self.pings) if took > GOOD_S)])


async def measure(stack_described: JsonObject) -> JsonObject:
    gateway = gateways_of(stack_described)[0]
    pid = stack_described["services"]["gateway"][0]["pid"]
    async with directory(stack_described) as people:
        visitors = await people.visitors(len(FLOODS) + 1)
        (agent,) = await people.agents(1)
    watch = Watch(gateway, agent.secret, await come_as_visitor(gateway, visitors.pop(), lambda _: None), pid)
    watching = asyncio.create_task(watch.run())
    try:
        return {
            name: await _one(name, gateway, person, watch, pid) for name, person in zip(FLOODS, visitors, strict=True)
        }
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def _one(name: str, gateway: str, person: Person, watch: Watch, pid: int) -> JsonObject:
    print(f"  {name} …", flush=True)
    watch.reset()
    await asyncio.sleep(CALM_S)
    calm_ms, before = watch.p99_ms(time.perf_counter()), resident_bytes(pid)
    watch.reset()
    async with flood(name, gateway, person) as flooding:
        outcome = await asyncio.wait_for(flooding, PATIENCE_S)
    end = time.perf_counter()
    await asyncio.sleep(AFTER_S)
    return {
        **outcome,
        "calm_p99_ms": calm_ms,
        "p99_ms": watch.p99_ms(end),
        "failed": watch.failed,
        "recovered_s": watch.recovered_s(end),
        "memory": {"before": before, "peak": watch.peak, "after": resident_bytes(pid)},
    }


def run() -> JsonObject:
    with stack(throttled=True) as running:
        return uvloop.run(measure(running.described))


def lines(found: JsonObject) -> list[Line]:
    return [_line(name, one) for name, one in found.items()]


def _line(name: str, one: JsonObject) -> Line:
    memory = " → ".join(f"{one['memory'][at] / 2**20:.0f}" for at in ("before", "peak", "after"))
    ended = (
        f"closed with {one['close']} after {one['closed_after_s']:.1f} s" if "closed_after_s" in one else one["close"]
    )
    return Line(
        f"others during a flood: {name}",
        f"p99 {one['p99_ms']:.0f} ms, {one['failed']} calls failed",
        "p99 < 100 ms",
        one["p99_ms"] < 100 and not one["failed"],
        f"before {one['calm_p99_ms']:.0f} ms; {one['what']}, {ended}; recovered after {one['recovered_s']:.1f} s; gateway {memory} MB",
    )
