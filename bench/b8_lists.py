"""B8: lists, search and history with many entries in the database, through the gateway, as a dashboard requests them.

`ENTRIES=5000000 make bench ONLY=B8` measures with more entries; filling takes two minutes per million, so `make bench` uses fewer.
Requests run one after the other: the figures are response times, not throughput.
"""

import os
import random
import time
from collections.abc import Callable

import httpx
import uvloop

from bench.filling import fill
from bench.people import directory, gateways_of
from bench.report import Line
from bench.running import stack
from bench.talks import milliseconds
from services.gateway.accounts.identity import SESSION_COOKIE
from tests.support.json_object import JsonObject

ENTRIES = 300_000
CALLS, WARM = 80, 10
# The number of pages before the measured page.
DEEP = 40
Query = dict[str, str]


class Asking:
    """An agent that reads lists and searches over HTTP."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def items(self, path: str, query: Query) -> JsonObject:
        """Fetches one page."""
        answer = await self._http.get(path, params=query)
        answer.raise_for_status()
        found: JsonObject = answer.json()
        return found

    async def timed(self, path: Callable[[], str], query: Callable[[], Query]) -> dict[str, float]:
        """Durations of many such calls in milliseconds, and the size of the median answer."""
        took, rows = [], []
        for number in range(WARM + CALLS):
            began = time.perf_counter()
            found = await self.items(path(), query())
            if number >= WARM:
                took.append(time.perf_counter() - began)
                rows.append(len(found["items"] if "items" in found else found.get("entries", ())))
        return {"p50": milliseconds(took, 0.5), "p95": milliseconds(took, 0.95), "rows": sorted(rows)[len(rows) // 2]}


async def measure(stack_described: JsonObject) -> JsonObject:
    gateway = gateways_of(stack_described)[0]
    dice = random.Random(2)
    async with directory(stack_described) as people:
        agent = (await people.agents(1))[0]
    cookies = {SESSION_COOKIE: agent.secret}
    async with httpx.AsyncClient(base_url=f"http://{gateway}", cookies=cookies, trust_env=False, timeout=60) as http:
        asking = Asking(http)
        chats = await asking.items("/api/v1/chats", {"limit": "100"})
        known = chats["items"]
        deep = await _deep(asking, chats["next"])
        whose = [one["agents"][0]["id"] for one in known]
        visitors = [one["visitor"]["id"] for one in known]

        def rare() -> str:
            return f"w{dice.randrange(15_000, 20_000)}"

        asked: dict[str, tuple[Callable[[], str], Callable[[], Query]]] = {
            "newest chats": (lambda: "/api/v1/chats", dict),
            f"page {DEEP} of them": (lambda: "/api/v1/chats", lambda: {"cursor": deep}),
            "of one agent": (lambda: "/api/v1/chats", lambda: {"agent": dice.choice(whose)}),
            "of one visitor": (lambda: "/api/v1/chats", lambda: {"visitor": dice.choice(visitors)}),
            "from one country": (lambda: "/api/v1/chats", lambda: {"country": dice.choice(("ES", "US", "DE"))}),
            "search, a rare word": (lambda: "/api/v1/chats", lambda: {"text": rare()}),
            "search, a common word": (lambda: "/api/v1/chats", lambda: {"text": f"w{dice.randrange(5)}"}),
            "search, two words": (lambda: "/api/v1/chats", lambda: {"text": f"{rare()} w{dice.randrange(50)}"}),
            "search, two common words": (
                lambda: "/api/v1/chats",
                lambda: {"text": f"w{dice.randrange(20)} w{dice.randrange(20, 40)}"},
            ),
            "the log of a chat": (lambda: f"/api/v1/chats/{dice.choice(known)['conversation']}/log", dict),
            "newest tickets": (lambda: "/api/v1/tickets", dict),
            "tickets by status": (lambda: "/api/v1/tickets", lambda: {"status": "open"}),
            "tickets, search": (lambda: "/api/v1/tickets", lambda: {"text": f"order {dice.randrange(1, 9_000)}"}),
        }
        return {name: await asking.timed(*how) for name, how in asked.items()}


async def _deep(asking: Asking, cursor: str) -> str:
    for _ in range(DEEP):
        cursor = (await asking.items("/api/v1/chats", {"limit": "100", "cursor": cursor}))["next"]
    return cursor


def run() -> JsonObject:
    with stack(throttled=True) as running:
        filled = fill(str(running.described["mongodb"]["url"]), int(os.environ.get("ENTRIES", ENTRIES)))
        return {"filled": filled, "ms": uvloop.run(measure(running.described))}


def lines(found: JsonObject) -> list[Line]:
    filled = found["filled"]
    there = f"{filled['entries']:,} entries of {filled['chats']:,} chats, {filled['tickets']:,} tickets"
    return [
        Line(
            name,
            f"p50 {ms['p50']:.0f} ms, p95 {ms['p95']:.0f}",
            "p95 ≤ 200 ms",
            ms["p95"] <= 200,
            f"{there}; {ms['rows']} rows",
        )
        for name, ms in found["ms"].items()
    ]
