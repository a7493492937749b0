"""B1: throughput of durable messages from a visitor's socket to an agent's socket, with 200 conversations and 20 agents."""

from statistics import median

import uvloop

from bench.accounting import PATH, Accounts, groups_of
from bench.people import directory, gateways_of
from bench.report import Line, of_runs
from bench.running import stack
from bench.scraping import mean_between, sums_of
from bench.talks import Talks, described
from tests.support.json_object import JsonObject

CONVERSATIONS, AGENTS = 200, 20
# Size and duration of batches, from the processes' metrics.
MEANS = {
    "batch": "palique_chat_append_batch_size",
    "insert_s": 'palique_mongo_command_seconds{command="insert",outcome="ok"}',
    "append_call_s": 'palique_rpc_call_seconds{code="OK",method="Append"}',
}
WARM_S, RUN_S, RUNS = 5.0, 6.0, 5


async def measure(stack_described: JsonObject, runs: int = RUNS) -> list[JsonObject]:
    """Runs the parts one after the other on one stack."""
    talks = Talks()
    ops = [entry["ops"] for name in ("gateway", "chat") for entry in stack_described["services"][name]]
    async with directory(stack_described) as people:
        await talks.open(people, gateways_of(stack_described), CONVERSATIONS, AGENTS)
    await talks.run(WARM_S)
    await talks.quiet()
    found = []
    for _ in range(runs):
        talks.reset()
        before = await sums_of(ops)
        accounts = Accounts(groups_of(stack_described))
        seconds = await talks.run(RUN_S)
        used = accounts.used()
        after = await sums_of(ops)
        figures = described(talks, seconds, used)
        await talks.quiet()
        figures["means"] = {name: mean_between(before, after, metric) for name, metric in MEANS.items()}
        found.append({**figures, "path_cpu_s_per_1000": sum(figures["cpu_s_per_1000"][name] for name in PATH)})
    return found


def run(gateways: int = 1, chats: int = 1) -> list[JsonObject]:
    with stack(gateways, chats) as running:
        return uvloop.run(measure(running.described))


def lines(runs: list[JsonObject]) -> list[Line]:
    per_s, cpu = [run["per_s"] for run in runs], [run["path_cpu_s_per_1000"] for run in runs]
    shares = ", ".join(
        f"{name} {median(run['cpu_s_per_1000'][name] for run in runs):.3f}" for name in (*PATH, "client")
    )
    ack, entry = (median(run[f"{name}_ms"]["p50"] for run in runs) for name in ("ack", "entry"))
    batch, insert_s = (median(run["means"][name] for run in runs) for name in ("batch", "insert_s"))
    return [
        Line(
            "durable messages a second, 200 conversations, socket to socket",
            f"{of_runs(per_s)}/s",
            "≥ 5,000/s",
            median(per_s) >= 5_000,
            f"acknowledged after {ack:.0f} ms, at the agent after {entry:.0f} (medians); {batch:.0f} messages a batch, its insert {1000 * insert_s:.1f} ms",
        ),
        Line(
            "CPU of gateway, chat, MongoDB and RabbitMQ for 1,000 messages",
            f"{of_runs(cpu, 3)} s",
            "≤ 0.35 s",
            median(cpu) <= 0.35,
            shares,
        ),
    ]
