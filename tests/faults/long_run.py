"""Random SIGKILLs for a given time or number: rounds of load during kills, each checked by itself."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from tests.faults.bench import Bench
from tests.faults.load import Load, Verdict
from tests.faults.random_kills import kill_at_random
from tests.support.json_object import JsonObject

# Rounds are short, so that a ledger stays small and a finding is close to its cause.
KILLS_A_ROUND = 85
# The average pause; a process is killed again only after it worked, so at most one kill per second results.
PAUSE_S = 0.8
TALKS = 8


@dataclass
class Total:
    """The totals of all rounds."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    seconds: float = 0.0
    messages: int = 0
    acknowledged: int = 0
    duplicates: int = 0
    conversations: int = 0
    reconnects: int = 0
    longest_delay_s: float = 0.0
    slowest: str = ""
    findings: list[str] = field(default_factory=list)

    def add(self, kills: Counter[str], verdict: Verdict) -> None:
        self.kills += kills
        self.rounds += 1
        self.messages += verdict.messages
        self.acknowledged += verdict.acknowledged
        self.duplicates += verdict.duplicates
        self.conversations += verdict.conversations
        self.reconnects += verdict.reconnects
        if verdict.longest_delay_s > self.longest_delay_s:
            self.longest_delay_s, self.slowest = verdict.longest_delay_s, verdict.slowest
        self.findings += [f"{finding.check}: {finding.detail}" for finding in verdict.findings]

    def as_json(self) -> JsonObject:
        return asdict(self) | {"kills": dict(self.kills), "kills_total": self.kills.total()}


async def long_run(
    bench: Bench, total: Total, wanted: Callable[[Total], bool], report: Callable[[Total, Load], None]
) -> None:
    """Runs rounds until `wanted` returns false or a round has a finding. `report` is called after each."""
    dice = random.Random(total.seed)
    began = time.monotonic()
    while wanted(total) and not total.findings:
        async with bench.load(talks=TALKS, seed=dice.getrandbits(32)) as load:

            def go_on(kills: int, load: Load = load) -> bool:
                load.check_alive()
                return kills < KILLS_A_ROUND

            kills = await kill_at_random(bench, dice, PAUSE_S, go_on)
            total.add(kills, await load.judge())
            total.seconds = round(time.monotonic() - began, 1)
            report(total, load)
