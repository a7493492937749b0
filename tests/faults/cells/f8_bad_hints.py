"""F8: a fifth of the hints is lost, a fifth is duplicated, a fifth is overtaken by later ones."""

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.faults.bench import Bench, Row, bench_in

CHAT = "hint.publish=drop:0.1;hint.publish=duplicate:0.1"
# A rule applies only when the rules before it did not, so the probabilities are conditional.
GATEWAY = "hint.received=drop:0.1;hint.received=duplicate:0.1;hint.received=delay(400):0.2"
LASTS_S = 25.0


def bench_with_bad_hints(home: Path, seed: int) -> AbstractAsyncContextManager[Bench]:
    """A stack whose chat and gateway processes disturb hints with these failpoints."""
    env = {
        f"PALIQUE_STACK_ENV_{service}_{number}_PALIQUE_FAILPOINTS": rules
        for service, rules in (("CHAT", CHAT), ("GATEWAY", GATEWAY))
        for number in (1, 2)
    }
    return bench_in(home, seed, env)


async def run(bench: Bench) -> Row:
    """Hints are best effort: with bad hints readers are late, never wrong."""
    async with bench.load() as load:
        await asyncio.sleep(LASTS_S)
        return Row(
            cell="F8",
            fault="hints dropped, doubled and delayed past later ones, 20 % each",
            must_hold="ledger clean",
            verdict=await load.judge(),
        )
