"""F5: a chat process stands still for longer than every time-out on its way, and then goes on where it was: a zombie writer."""

import asyncio

from tests.faults.bench import Bench, Row

ZOMBIE = "chat-1"
# Calls end after 5 s, connections after 15 s, suspicion after 20 s.
STILL_S = 60.0


async def run(bench: Bench) -> Row:
    """What it still holds in its hands may neither double nor overwrite what others wrote meanwhile."""
    async with bench.load() as load:
        await asyncio.sleep(3)
        stopped = bench.processes.stand_still(ZOMBIE)
        before = load.acknowledged
        try:
            await asyncio.sleep(STILL_S)
        finally:
            bench.processes.go_on(stopped)
        meanwhile = load.acknowledged - before
        await asyncio.sleep(3)
        return Row(
            cell="F5",
            fault=f"SIGSTOP of a chat process for {STILL_S:.0f} s, then SIGCONT",
            must_hold="ledger clean",
            verdict=await load.judge(),
            counts={"acknowledged while it stood still": meanwhile},
        )
