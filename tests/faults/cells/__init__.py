"""The faults F1 … F9, one file each: the fault, the promise that must hold, and the counts."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import NamedTuple

from tests.faults.bench import Bench, Row, bench_in
from tests.faults.cells import (
    f1_killed,
    f1_killed_at_steps,
    f2_no_primary,
    f3_no_broker,
    f4_stuck_readers,
    f5_stopped_writer,
    f6_cut_links,
    f7_rolling_restart,
    f8_bad_hints,
    f9_overload,
)

Cell = Callable[[Bench], Awaitable[Row]]


class Group(NamedTuple):
    """Cells that share a stack, which `start(folder, seed)` starts."""

    start: Callable[[Path, int], AbstractAsyncContextManager[Bench]]
    cells: Mapping[str, Cell]


# Two lanes in parallel, because cells mostly wait. Cells that measure latency or take CPU time are at the
# end of the longer lane, after the end of the other one.
LANES: Sequence[Sequence[Group]] = (
    [
        Group(
            bench_in,
            {
                "F1": f1_killed.run,
                "F2": f2_no_primary.run,
                "F3": f3_no_broker.run,
                "F5": f5_stopped_writer.run,
                "F7": f7_rolling_restart.run,
                "F4": f4_stuck_readers.run,
                "F9": f9_overload.run,
            },
        )
    ],
    [
        Group(f1_killed_at_steps.bench_that_fails, {"F1s": f1_killed_at_steps.run}),
        Group(f8_bad_hints.bench_with_bad_hints, {"F8": f8_bad_hints.run}),
        Group(f6_cut_links.bench_with_links, {"F6": f6_cut_links.run}),
    ],
)
CELLS = sorted(name for lane in LANES for group in lane for name in group.cells)


async def run_cells(home: Path, seed: int, names: Collection[str], report: Callable[[Row], None]) -> list[Row]:
    """Runs the cells of these names once each; `report` is called for each."""
    rows: list[Row] = []

    async def run_lane(number: int) -> None:
        for position, group in enumerate(LANES[number]):
            wanted = [cell for name, cell in group.cells.items() if name in names]
            if not wanted:
                continue
            async with group.start(home / f"{number}{position}", seed) as bench:
                for cell in wanted:
                    rows.append(await cell(bench))
                    report(rows[-1])

    async with asyncio.TaskGroup() as lanes:
        for number in range(len(LANES)):
            lanes.create_task(run_lane(number))
    return sorted(rows, key=lambda row: row.cell)
