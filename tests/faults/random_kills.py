"""SIGKILL at random for services, members of the database and the broker."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.faults.bench import Bench
from tests.faults.processes import Process


class Victim(NamedTuple):
    """`weight`: its relative frequency. `ripe_s`: the minimum age of a process, so that it worked since its restart."""

    weight: float
    ripe_s: float


VICTIMS: Mapping[str, Victim] = {
    "gateway": Victim(3, 2.5),
    "chat": Victim(4, 2.5),
    "presence": Victim(1.5, 2.5),
    "tickets": Victim(1.5, 2.5),
    # One member at a time: the promises cover single failures, and a fail-over takes two seconds.
    "mongodb": Victim(2, 6.0),
    "rabbitmq": Victim(0.5, 8.0),
}


async def kill_at_random(
    bench: Bench, dice: random.Random, pause_s: float, go_on: Callable[[int], bool]
) -> Counter[str]:
    """Kills while `go_on(number of kills)` is true. Counts, by service, the processes that worked and were ended by it."""
    kills: Counter[str] = Counter()
    while go_on(kills.total()):
        await asyncio.sleep(dice.expovariate(1 / pause_s))
        ripe = ripe_victims(bench.processes.running())
        if not ripe:
            continue
        (name,) = dice.choices(list(ripe), weights=list(ripe.values()))
        if await bench.is_at_work(name) and bench.processes.kill(name):
            kills[service_of(name)] += 1
    return kills


def service_of(name: str) -> str:
    """The service of a process: chat for chat-2. The first mongod has no number."""
    return name.rpartition("-")[0] if name[-1].isdigit() else name


def ripe_victims(running: Mapping[str, Process]) -> dict[str, float]:
    """The processes that may be killed now, with their weights. Pure."""
    ripe = {
        name: VICTIMS[service_of(name)].weight
        for name, process in running.items()
        if service_of(name) in VICTIMS and process.up_s >= VICTIMS[service_of(name)].ripe_s
    }
    members = [name for name in ripe if service_of(name) == "mongodb"]
    if len(members) < 3:
        ripe = {name: weight for name, weight in ripe.items() if name not in members}
    return ripe
