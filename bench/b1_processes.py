"""B1 with more processes: two and four gateways with two chat processes on the same machine. B1 itself has one of each."""

import uvloop

from bench.accounting import PATH
from bench.b1_throughput import measure
from bench.report import Line, of_runs
from bench.running import stack
from tests.support.json_object import JsonObject

SHAPES = ((2, 1), (4, 1), (1, 2), (2, 2))
RUNS = 1


def run() -> JsonObject:
    found = {}
    for gateways, chats in SHAPES:
        with stack(gateways, chats) as running:
            found[f"{gateways} {chats}"] = uvloop.run(measure(running.described, RUNS))
    return found


def lines(found: JsonObject) -> list[Line]:
    return [_line(shape, runs) for shape, runs in found.items()]


def _line(shape: str, runs: list[JsonObject]) -> Line:
    gateways, chats = shape.split()
    shares = ", ".join(f"{name} {of_runs([run['cpu_s_per_1000'][name] for run in runs][:1], 3)}" for name in PATH)
    return Line(
        f"gateways: {gateways}, chat processes: {chats}",
        f"{of_runs([run['per_s'] for run in runs])}/s, {of_runs([run['path_cpu_s_per_1000'] for run in runs], 3)} s a 1,000",
        beside=f"CPU s a 1,000: {shares}; {of_runs([run['means']['batch'] for run in runs])} messages a batch",
    )
