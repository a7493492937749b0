"""Floods: what other people notice of each, how the gateway ends it, and what it costs in memory.

Beside each flood two people work: one calls the HTTP API on a new connection each time, one sends pings on a websocket. Both come from
another address than a flood of connections. Nothing is asserted about time.
"""

import asyncio
import time
from contextlib import suppress

import httpx
import uvloop

from bench.accounting import cpu_s, resident_bytes
from bench.flood_client import FLOODS, OF_CONNECTIONS, flood
from bench.peers.starting import silent
from bench.people import Person, come_as_visitor, directory, gateways_of
from bench.report import Line
from bench.running import stack
from bench.talks import milliseconds
from bench.websocket import Socket
from services.gateway.accounts.identity import SESSION_COOKIE
from tests.support.json_object import JsonObject

CALM_S, AFTER_S = 3.0, 2.0
# Of a flood of connections: only its first second is busy.
ROUNDS = 3
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

    def waits(self, began: float, ended: float) -> list[float]:
        """Seconds of both that were waited, as far as they lie in this time."""
        return [took for at, took in (*self.calls, *self.pings) if at <= ended and at + took >= began]

    def recovered_s(self, end: float) -> float:
        """From the end of the flood to the end of the last call that took longer than GOOD_S."""
        return max([0.0, *(began + took - end for began, took in (*self.calls, *self.pings) if took > GOOD_S)])


class Bench:
    """Floods of one gateway, one after the other."""

    def __init__(self, gateway: str, pid: int, silent: str, watch: Watch) -> None:
        self._gateway = gateway
        self._pid = pid
        self._silent = silent
        self._watch = watch

    async def one(self, name: str, person: Person) -> JsonObject:
        """A calm time, the flood, and for floods of connections the same one of a server that does nothing."""
        print(f"  {name} …", flush=True)
        rounds = ROUNDS if name in OF_CONNECTIONS else 1
        self._watch.reset()
        began = time.perf_counter()
        await asyncio.sleep(CALM_S)
        calm = self._watch.waits(began, time.perf_counter())
        beside = [await self._flood(name, self._silent, person) for _ in range(rounds)] if rounds > 1 else []
        floods = [await self._flood(name, self._gateway, person) for _ in range(rounds)]
        waits = [wait for one in floods for wait in one["waits"]]
        return {
            **floods[0],
            "waits": len(waits),
            "calm_p99_ms": milliseconds(calm, 0.99),
            "beside_p99_ms": milliseconds([wait for one in beside for wait in one["waits"]], 0.99) if beside else None,
            "p99_ms": milliseconds(waits, 0.99),
            "longest_ms": milliseconds(waits, 1),
            "failed": sum(one["failed"] for one in floods),
            "recovered_s": max(one["recovered_s"] for one in floods),
        }

    async def _flood(self, name: str, address: str, person: Person) -> JsonObject:
        self._watch.reset()
        before, used_s = resident_bytes(self._pid), cpu_s([self._pid])
        async with flood(name, address, person) as flooding:
            outcome = await asyncio.wait_for(flooding, PATIENCE_S)
        used_s = cpu_s([self._pid]) - used_s
        await asyncio.sleep(AFTER_S)
        return {
            **outcome,
            # A flood of frames ends sooner than a call.
            "waits": self._watch.waits(outcome["began"], max(outcome["ended"], outcome["began"] + AFTER_S)),
            "gateway_cpu_s": used_s,
            "failed": self._watch.failed,
            "recovered_s": self._watch.recovered_s(outcome["ended"]),
            "memory": {"before": before, "peak": self._watch.peak, "after": resident_bytes(self._pid)},
        }


async def measure(stack_described: JsonObject) -> JsonObject:
    gateway = gateways_of(stack_described)[0]
    pid = stack_described["services"]["gateway"][0]["pid"]
    async with directory(stack_described) as people:
        visitors = await people.visitors(len(FLOODS) + 1)
        (agent,) = await people.agents(1)
    watch = Watch(gateway, agent.secret, await come_as_visitor(gateway, visitors.pop(), lambda _: None), pid)
    watching = asyncio.create_task(watch.run())
    try:
        async with silent() as peer:
            bench = Bench(gateway, pid, peer, watch)
            return {name: await bench.one(name, person) for name, person in zip(FLOODS, visitors, strict=True)}
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


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
    beside = f", beside the same flood of an idle server {one['beside_p99_ms']:.0f}" if one["beside_p99_ms"] else ""
    return Line(
        f"others during a flood: {name}",
        f"p99 {one['p99_ms']:.0f} ms, longest {one['longest_ms']:.0f}, {one['failed']} calls failed",
        "p99 < 100 ms",
        one["p99_ms"] < 100 and not one["failed"],
        f"before {one['calm_p99_ms']:.0f} ms{beside}; {one['what']}, {ended}; recovered after {one['recovered_s']:.1f} s; "
        f"CPU gateway {one['gateway_cpu_s']:.1f} s, flood {one['cpu_s']:.1f}; gateway {memory} MB",
    )
