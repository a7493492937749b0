"""F3: the broker is killed, stays down, is paused, and accepts no messages because its disk is full."""

import asyncio
import os
import subprocess

from devstack.rabbitmq import PROGRAMS
from tests.faults.bench import BACK_S, Bench, Row
from tests.faults.checking import Finding
from tests.support.eventually import eventually

BROKER = "rabbitmq"
KILLS = 3
AWAY_S = 60.0
# The time in which all processes connect to it again.
BETWEEN_S = 3.0
STILL_S = 15.0
FULL_S = 10.0


async def run(bench: Bench) -> Row:
    """Acknowledgements continue all the time, readers are seconds behind, and facts arrive later."""
    async with bench.load() as load:
        await asyncio.sleep(2)
        counts: dict[str, float] = {}

        async def phase(name: str, seconds: float) -> None:
            before = load.acknowledged
            await asyncio.sleep(seconds)
            counts[f"acknowledged while {name}"] = load.acknowledged - before

        down = bench.processes.running()[BROKER].pid
        bench.processes.keep_down(BROKER)
        await phase("away", AWAY_S)
        bench.processes.start(BROKER)
        await bench.is_back(BROKER, down)
        await asyncio.sleep(5)
        for _ in range(KILLS - 1):
            await bench.kill(BROKER)
            await asyncio.sleep(BETWEEN_S)
        still = bench.processes.pause(BROKER)
        await phase("it stands still", STILL_S)
        bench.processes.go_on(still)
        await _limit_disk(bench, "1000GB")
        await phase("its disk is full", FULL_S)
        await _limit_disk(bench, "200MB")
        others = [Finding("acknowledgements_go_on", name) for name, count in counts.items() if count == 0]
        return Row(
            cell="F3",
            fault=f"broker killed {KILLS} times and once away {AWAY_S:.0f} s, standing still {STILL_S:.0f} s, disk alarm {FULL_S:.0f} s",
            must_hold="acknowledgements go on, readers whole, facts arrive",
            verdict=await load.judge(),
            counts={"kills": KILLS, **counts},
            others=others,
        )


async def _limit_disk(bench: Bench, limit: str) -> None:
    """Sets the limit above the free space, which raises the disk alarm."""
    env = {**os.environ, **bench.processes.environment(BROKER)}
    argv = [str(PROGRAMS / "rabbitmqctl"), "set_disk_free_limit", limit]

    def done() -> bool:
        return subprocess.run(argv, check=False, capture_output=True, env=env).returncode == 0

    # A broker that was paused needs a moment until it answers.
    await eventually(lambda: asyncio.to_thread(done), BACK_S)
