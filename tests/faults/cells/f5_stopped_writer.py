"""F5: a chat process is paused for longer than every time-out and then continues: a zombie writer."""

import asyncio

from tests.faults.bench import Bench, Row

ZOMBIE = "chat-1"
# Longer than the limits for calls (5 s), connections (15 s) and suspicion (20 s).
STILL_S = 60.0


async def run(bench: Bench) -> Row:
    """Its unfinished writes must neither duplicate nor overwrite entries of other processes."""
    async with bench.load() as load:
        await asyncio.sleep(3)
        stopped = bench.processes.pause(ZOMBIE)
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
