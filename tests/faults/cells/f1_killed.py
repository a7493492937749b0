"""F1: SIGKILL of each service in turn, then of random ones."""

import random

from tests.faults.bench import Bench, Row
from tests.faults.random_kills import kill_at_random

IN_TURN = ("gateway-1", "chat-1", "presence-1", "tickets-1", "gateway-2", "chat-2")
AT_RANDOM = 12
PAUSE_S = 1.0


async def run(bench: Bench) -> Row:
    """The ledger has no finding; readers are complete within 30 s after the last kill."""
    async with bench.load() as load:
        for name in IN_TURN:
            await bench.kill(name)
        dice = random.Random(bench.seed)
        kills = await kill_at_random(bench, dice, PAUSE_S, lambda kills: kills < AT_RANDOM)
        return Row(
            cell="F1",
            fault="kill -9 of each service in turn, then at random, database and broker among them",
            must_hold="ledger clean, readers whole in 30 s",
            verdict=await load.judge(),
            counts={"kills": len(IN_TURN) + kills.total()},
        )
