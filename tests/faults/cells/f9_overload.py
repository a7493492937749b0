"""F9: three times the load that it can handle: gateways and chat get a third of the CPU time that they need."""

import asyncio
import re

import httpx

from tests.faults.bench import BACK_S, Bench, Row
from tests.faults.checking import Finding
from tests.support.eventually import eventually

SLOWED = ("gateway-1", "gateway-2", "chat-1", "chat-2")
GATEWAYS = ("gateway-1", "gateway-2")
TALKS = 12
# Each agent has six conversations at once and sends up to the limit of a socket (`PALIQUE_FRAME_RATE`), with read marks.
PAUSE_S = 0.3
# They are paused for two thirds of the time.
STILL_S, RUNS_S = 1.2, 0.6
LASTS_S = 25.0
LOOK_S = 0.5
# The last shedding level, after queue positions and live activity: new chats (services/gateway/overload/load_shedding.py).
ALL_SHED = 3


async def run(bench: Bench) -> Row:
    """The gateway sheds level by level, open chats lose nothing, and afterwards nothing is shed."""
    async with bench.load(talks=TALKS, pause_s=PAUSE_S) as load:
        await asyncio.sleep(4)
        before = load.acknowledged
        looking = asyncio.create_task(_levels(bench))
        await _slow_down(bench)
        during = load.acknowledged - before
        looking.cancel()
        levels = await looking
        await eventually(lambda: _all_taken_up(bench), BACK_S)
        others = [Finding("sheds_in_order", f"{levels}")] if not _is_in_order(levels) else []
        if during == 0:
            others.append(Finding("running_chats_go_on", "nothing was acknowledged meanwhile"))
        return Row(
            cell="F9",
            fault="three times the load that gateways and chat can take",
            must_hold="sheds queue positions, live activity, new chats; running chats untouched; recovers",
            verdict=await load.judge(),
            counts={"acknowledged meanwhile": during, "most left undone (3: new chats)": max(levels, default=0)},
            others=others,
        )


def _is_in_order(levels: list[int]) -> bool:
    """The last level was reached, after all others in order: each is seen many times before the next."""
    rising = levels[: levels.index(max(levels)) + 1] if levels else []
    return max(levels, default=0) == ALL_SHED and rising == sorted(rising)


async def _levels(bench: Bench) -> list[int]:
    """Records the shedding level of the first gateway repeatedly until cancelled."""
    levels = []
    try:
        while True:
            levels.append(await _shed(bench, GATEWAYS[0]))
            await asyncio.sleep(LOOK_S)
    except asyncio.CancelledError:
        return levels


async def _all_taken_up(bench: Bench) -> bool:
    return [await _shed(bench, name) for name in GATEWAYS] == [0, 0]


async def _shed(bench: Bench, name: str) -> int:
    async with httpx.AsyncClient(timeout=10, verify=False) as http:
        metrics = (await http.get(f"http://{bench.ops[name]}/metrics")).text
    found = re.search(r"^palique_gateway_shed ([0-9.]+)$", metrics, re.MULTILINE)
    assert found, "the gateway exposes no shedding level"
    return int(float(found[1]))


async def _slow_down(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + LASTS_S
    while loop.time() < until:
        still = [bench.processes.pause(name) for name in SLOWED]
        try:
            await asyncio.sleep(STILL_S)
        finally:
            for pid in still:
                bench.processes.go_on(pid)
        await asyncio.sleep(RUNS_S)
