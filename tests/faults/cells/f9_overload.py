"""F9: three times the load that it can take: gateways and chat get a third of the time that they need."""

import asyncio

from tests.faults.bench import Bench, Row

SLOWED = ("gateway-1", "gateway-2", "chat-1", "chat-2")
TALKS = 16
PAUSE_S = 0.25
# Two of three parts of the time they stand still.
STILL_S, RUNS_S = 0.4, 0.2
LASTS_S = 20.0


async def run(bench: Bench) -> Row:
    """Running chats lose nothing; afterwards all is as before."""
    async with bench.load(talks=TALKS, pause_s=PAUSE_S) as load:
        await asyncio.sleep(4)
        before = load.acknowledged
        await _slow_down(bench)
        during = load.acknowledged - before
        return Row(
            cell="F9",
            fault="three times the load that gateways and chat can take",
            must_hold="running chats untouched, recovers",
            verdict=await load.judge(),
            counts={"acknowledged meanwhile": during},
        )


async def _slow_down(bench: Bench) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + LASTS_S
    while loop.time() < until:
        still = [bench.processes.stand_still(name) for name in SLOWED]
        await asyncio.sleep(STILL_S)
        for pid in still:
            bench.processes.go_on(pid)
        await asyncio.sleep(RUNS_S)
