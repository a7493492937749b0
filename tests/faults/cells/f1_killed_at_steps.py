"""F1 at failpoints: processes kill themselves at every step of the send path, with a probability per pass."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.faults.bench import Bench, Row, bench_in

# By service: the steps of `kit/failpoints.py` at which it dies.
STEPS = {
    "gateway": ("send.before_call", "send.after_call", "hint.received", "resume.before_answer", "report.after_call"),
    "chat": (
        "open.after_reserve",
        "append.before_insert",
        "append.after_insert",
        "append.before_answer",
        "hint.before_publish",
        "hint.publish",
        "fact.before_publish",
        "fact.after_confirm",
    ),
    "presence": ("fact.before_effect", "fact.after_effect"),
    "tickets": ("fact.before_effect", "fact.after_effect"),
}
# A process passes the busy steps tens of times per second and should live for some seconds.
CHANCE = {"gateway": 0.005, "chat": 0.005, "presence": 0.1, "tickets": 0.2}
LASTS_S = 40.0
# Some steps are passed during the start of the stack, which fails when a process dies.
STARTS = 4
LOOK_S = 0.2


@asynccontextmanager
async def bench_that_fails(home: Path, seed: int) -> AsyncIterator[Bench]:
    """A stack whose processes kill themselves at these steps."""
    env = {
        f"PALIQUE_STACK_ENV_{service.upper()}_{number}_PALIQUE_FAILPOINTS": _rules(service)
        for service in STEPS
        for number in ((1, 2) if service in ("gateway", "chat") else (1,))
    }
    async with AsyncExitStack() as until_gone:
        yield await _started(home, seed, env, until_gone)


async def _started(home: Path, seed: int, env: dict[str, str], until_gone: AsyncExitStack) -> Bench:
    for number in range(1, STARTS):
        try:
            return await until_gone.enter_async_context(bench_in(home / str(number), seed, env))
        except AssertionError as error:
            print(f"F1s: start {number}: {error}", flush=True)
    return await until_gone.enter_async_context(bench_in(home / str(STARTS), seed, env))


def _rules(service: str) -> str:
    return ";".join(f"{step}=kill:{CHANCE[service]}" for step in STEPS[service])


async def run(bench: Bench) -> Row:
    """The ledger has no finding, although processes die all the time, even during the final check."""
    async with bench.load() as load:
        kills, before = 0, bench.processes.running()
        loop = asyncio.get_running_loop()
        until = loop.time() + LASTS_S
        while loop.time() < until:
            load.check_alive()
            await asyncio.sleep(LOOK_S)
            now = bench.processes.running()
            kills += sum(name in before and before[name].pid != process.pid for name, process in now.items())
            before |= now
        return Row(
            cell="F1s",
            fault="kill -9 at named steps: after insert before ack, after ack before hint, hint unconfirmed, …",
            must_hold="ledger clean, readers whole in 30 s",
            verdict=await load.judge(),
            counts={"kills": kills},
        )
