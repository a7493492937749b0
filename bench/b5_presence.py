"""B5: 20,000 visitors online on two gateways, 400 page changes per second, 20 agents with an open visitor list.

Half of the agents sort by the last page change, where every change shows. Half sort by arrival, as the dashboard does by default.
The figures are the time from a change to an agent's socket, the updates per agent, and the CPU time per change with few and with
many visitors. The CPU time per change is the difference between phases with and without changes.
"""

import asyncio
import json
import time
from contextlib import AsyncExitStack

import msgspec
import uvloop

from bench.accounting import Accounts, groups_of
from bench.crowd import TITLE, CrowdProcess, crowd_of
from bench.people import come_as_agent, directory, gateways_of, spread
from bench.report import Line
from bench.running import stack
from bench.talks import milliseconds
from tests.support.json_object import JsonObject

GATEWAYS = 2
FEW, MANY = 5_000, 20_000
CHANGES, AGENTS = 400, 20
STILL_S, CHANGING_S = 8.0, 12.0
# The lists catch up after the arrival of a crowd.
SETTLE_S = 6.0
COUNTED = ("gateway", "presence", "mongodb", "rabbitmq")


class _Page(msgspec.Struct):
    title: str


class _Row(msgspec.Struct):
    page: _Page


class _Changed(msgspec.Struct):
    online: int
    upsert: list[_Row] = []


_decoder = msgspec.json.Decoder(_Changed)


class Watcher:
    """The visitor list of one agent's dashboard."""

    def __init__(self) -> None:
        self.frames = 0
        self.online = 0
        self.delays_s: list[float] = []
        self._seen = 0

    def take(self, text: bytes) -> None:
        if not text.startswith(b'{"type":"visitors'):
            return
        now = time.monotonic_ns()
        self.frames += 1
        told = _decoder.decode(text)
        self.online = told.online
        newest = self._seen
        for row in told.upsert:
            if row.page.title.startswith(TITLE):
                at = int(row.page.title.removeprefix(TITLE))
                # A row that moved because of another row arrives again without a change.
                if at > self._seen:
                    self.delays_s.append((now - at) / 1e9)
                    newest = max(newest, at)
        self._seen = newest

    def reset(self) -> None:
        self.frames = 0
        self.delays_s = []


async def measure(stack_described: JsonObject) -> JsonObject:
    """Measures with few visitors, then with many, on one stack."""
    gateways = gateways_of(stack_described)
    async with directory(stack_described) as people:
        visitors = [await people.visitors(MANY // GATEWAYS) for _ in gateways]
        agents = spread(await people.agents(AGENTS), gateways)
    async with AsyncExitStack() as until_gone:
        crowds = [
            await until_gone.enter_async_context(crowd_of(gateway, some))
            for gateway, some in zip(gateways, visitors, strict=True)
        ]
        watchers = []
        for number, (gateway, person) in enumerate(agents):
            watcher = Watcher()
            socket = await come_as_agent(gateway, person, watcher.take)
            sort = "page_at" if number % 4 < 2 else "since"
            watch = {
                "type": "watch_visitors",
                "sort": sort,
                "descending": True,
                "filter": {},
                "offset": 0,
                "limit": 200,
            }
            socket.send(json.dumps(watch).encode())
            watchers.append((sort, watcher))
        found = {}
        online = 0
        for number in (FEW, MANY):
            began = time.monotonic()
            await asyncio.gather(*(crowd.order(come=(number - online) // GATEWAYS) for crowd in crowds))
            came_s, came, online = time.monotonic() - began, number - online, number
            await asyncio.sleep(SETTLE_S)
            part = await _part(stack_described, crowds, watchers)
            found[str(number)] = {"arrivals_per_s": came / came_s, "online": watchers[0][1].online, **part}
    return found


async def _part(
    stack_described: JsonObject, crowds: list[CrowdProcess], watchers: list[tuple[str, Watcher]]
) -> JsonObject:
    groups = {**groups_of(stack_described), "crowds": [crowd.pid for crowd in crowds]}
    accounts = Accounts(groups)
    await asyncio.sleep(STILL_S)
    still = accounts.used()
    for _, watcher in watchers:
        watcher.reset()
    accounts = Accounts(groups)
    rate = CHANGES / len(crowds)
    changes = sum(await asyncio.gather(*(crowd.order(turn=[rate, CHANGING_S]) for crowd in crowds)))
    frames = {
        sort: [one.frames / CHANGING_S for kind, one in watchers if kind == sort] for sort in ("page_at", "since")
    }
    await asyncio.sleep(2.0)
    used = accounts.used()
    delays = [delay for _, watcher in watchers for delay in watcher.delays_s]
    still_s = {name: seconds / STILL_S for name, seconds in still.items()}
    moving_s = {name: seconds / (CHANGING_S + 2.0) for name, seconds in used.items()}
    per_change = {
        name: 1000 * (seconds - still_s[name] * (CHANGING_S + 2.0)) / changes for name, seconds in used.items()
    }
    return {
        "changes": changes,
        "seen": len(delays),
        "delay_ms": {"p50": milliseconds(delays, 0.5), "p99": milliseconds(delays, 0.99)},
        "most_frames_per_s": {sort: max(rates) for sort, rates in frames.items()},
        "still_cpu_percent": {name: 100 * value for name, value in still_s.items()},
        "moving_cpu_percent": {name: 100 * value for name, value in moving_s.items()},
        "ms_a_change": {name: per_change[name] for name in COUNTED},
        "all_ms_a_change": sum(per_change[name] for name in COUNTED),
    }


def run() -> JsonObject:
    with stack(GATEWAYS, throttled=True) as running:
        return uvloop.run(measure(running.described))


def lines(found: JsonObject) -> list[Line]:
    few, many = found[str(FEW)], found[str(MANY)]
    costs = [part["all_ms_a_change"] for part in (few, many)]
    frames = max(many["most_frames_per_s"].values())
    delay = many["delay_ms"]
    still = ", ".join(f"{name} {many['still_cpu_percent'][name]:.0f} %" for name in COUNTED)
    return [
        Line(
            f"{MANY:,} visitors, {CHANGES} changes a second: a change at an agent's socket",
            f"p50 {delay['p50']:.0f} ms, p99 {delay['p99']:.0f}",
            "p99 ≤ 1 s",
            delay["p99"] <= 1000,
            f"{many['online']:,} online in the list; they came at {many['arrivals_per_s']:.0f} a second",
        ),
        Line("frames to an agent", f"{frames:.2f}/s at most", "≤ 2/s", frames <= 2.05),
        Line(
            f"CPU of a change with {FEW:,} and with {MANY:,} online",
            f"{costs[0]:.2f} and {costs[1]:.2f} ms",
            "grows with changes, not with visitors",
            costs[1] <= 1.5 * costs[0],
            f"over gateways, presence, MongoDB and RabbitMQ, 20 agents told; without changes {MANY:,} who only ping cost {still} of a core",
        ),
    ]
