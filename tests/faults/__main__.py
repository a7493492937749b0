"""`make faults`: runs every cell once; with KILLS or HOURS it kills random processes. Exit status 1 when there is a finding."""

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from devstack.folders import ROOT
from tests.faults.bench import Row, bench_in
from tests.faults.cells import CELLS, run_cells
from tests.faults.load import Load
from tests.faults.long_run import Total, long_run
from tests.support.json_object import JsonObject

RESULTS = ROOT / "build" / "faults"
HOUR_S = 3600


def main() -> int:
    """The exit status."""
    options = _options()
    RESULTS.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="palique-faults-", dir=options.home))
    # The folder with its logs is kept when the run raises.
    status = _at_random(home, options) if options.kills or options.hours else _each_once(home, options)
    if status == 0:
        shutil.rmtree(home)
    else:
        print(f"logs are in {home}", flush=True)
    return status


def _each_once(home: Path, options: argparse.Namespace) -> int:
    rows = asyncio.run(run_cells(home, options.seed, options.cells, _print_row))
    ran = {row.cell: _as_json(row) for row in rows}
    _write("cells.json", {"cells": list(dict(sorted((_earlier_cells() | ran).items())).values())})
    return 1 if any(row.findings for row in rows) else 0


def _earlier_cells() -> JsonObject:
    """The results of earlier runs of other cells."""
    written = RESULTS / "cells.json"
    cells = json.loads(written.read_text())["cells"] if written.exists() else []
    return {cell["cell"]: cell for cell in cells}


def _at_random(home: Path, options: argparse.Namespace) -> int:
    total = Total(seed=options.seed)

    kills, seconds = int(options.kills), float(options.hours) * HOUR_S

    def wanted(so_far: Total) -> bool:
        return so_far.kills.total() < kills or so_far.seconds < seconds

    def report(so_far: Total, load: Load) -> None:
        _write(f"random-{so_far.seed}.json", so_far.as_json())
        print(
            f"round {so_far.rounds}: {so_far.kills.total()} kills {dict(so_far.kills)}, {so_far.acknowledged} acknowledged, "
            f"{so_far.duplicates} sent twice and refused once, {so_far.reconnects} reconnects, {so_far.seconds} s",
            flush=True,
        )
        for finding in so_far.findings:
            print(f"  FOUND {finding}", flush=True)
        if so_far.findings:
            events = "\n".join(f"{at:.3f} {event}" for at, event in load.ledger.events)
            (RESULTS / "ledger.txt").write_text(events)

    async def run() -> None:
        async with bench_in(home, options.seed) as bench:
            await long_run(bench, total, wanted, report)

    asyncio.run(run())
    return 1 if total.findings else 0


def _print_row(row: Row) -> None:
    verdict = row.verdict
    print(
        f"{row.cell:4} {'FOUND' if row.findings else 'clean'}  {verdict.acknowledged} of {verdict.messages} acknowledged, "
        f"{verdict.duplicates} doubles refused, {verdict.reconnects} reconnects, longest delay {verdict.longest_delay_s} s, "
        f"whole after {verdict.whole_after_s} s, {row.counts}  — {row.fault}",
        flush=True,
    )
    for finding in row.findings:
        print(f"     {finding.check}: {finding.detail}", flush=True)


def _as_json(row: Row) -> JsonObject:
    found = [f"{finding.check}: {finding.detail}" for finding in row.findings]
    verdict = asdict(row.verdict) | {"findings": found}
    return {"cell": row.cell, "fault": row.fault, "must_hold": row.must_hold, "counts": row.counts, **verdict}


def _write(name: str, content: JsonObject) -> None:
    (RESULTS / name).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0, help="kill at random, so many times")
    parser.add_argument("--hours", type=float, default=0.0, help="kill at random for so long")
    parser.add_argument("--cells", nargs="*", default=list(CELLS), choices=list(CELLS), help="only these")
    parser.add_argument("--home", default=None, help="where the stack's folder is made")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
