"""`make faults-mutants`: breaks a copy of the product in each way that the promises forbid, and runs the cell that must find it.

Exit status 1 when a mutant is not found, because the bench then misses such an error. Also when the cell has a finding in the
unchanged product, by the results of the last `make faults`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from devstack.folders import ROOT
from tests.support.json_object import JsonObject

RESULTS = ROOT / "build" / "faults"
MUTATIONS = Path(__file__).parent / "mutations"
# The files that a stack and the bench need. The npm packages are too many to copy.
COPIED = ("devstack", "kit", "protos", "services", "tests", "web")
# Several at a time, because cells mostly wait.
AT_ONCE = 2


class Mutant(NamedTuple):
    """`change` names a patch, `cell` the cell that must find it."""

    change: str
    cell: str
    words: str


MUTANTS = (
    Mutant("ack_before_majority", "F2", "acknowledges before a majority has it"),
    Mutant("no_client_id_index", "F1s", "has no unique index over client ids"),
    Mutant("hints_applied_as_they_come", "F8", "shows hints as they come (the browsers' client)"),
    Mutant("resume_by_time", "F1", "resumes by time: the last five seconds"),
    Mutant("ack_before_effect", "F1s", "acknowledges a fact before its effect"),
)


def main(names: Sequence[str]) -> int:
    """The exit status."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    wanted = [mutant for mutant in MUTANTS if not names or mutant.change in names]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        rows = {row["mutant"]: row for row in threads.map(_tried, wanted)}
    told = _earlier() | rows
    kept = [told[mutant.words] for mutant in MUTANTS if mutant.words in told]
    (RESULTS / "mutants.json").write_text(json.dumps({"mutants": kept}, indent=1) + "\n")
    return 0 if all(row["checks"] and row["as_it_is"] == 0 for row in rows.values()) else 1


def _earlier() -> JsonObject:
    """The results of earlier runs for other mutants."""
    written = RESULTS / "mutants.json"
    rows = json.loads(written.read_text())["mutants"] if written.exists() else []
    return {row["mutant"]: row for row in rows}


def patch_of(change: str) -> Path:
    return MUTATIONS / f"{change}.patch"


def _tried(mutant: Mutant) -> JsonObject:
    found = _findings_of(mutant)
    checks = sorted({finding.partition(":")[0] for finding in found})
    print(f"{'found' if found else 'NOT FOUND'}: {mutant.words}, by {mutant.cell}: {checks}", flush=True)
    return {
        "mutant": mutant.words,
        "cell": mutant.cell,
        "findings": len(found),
        "checks": checks,
        "as_it_is": _findings_as_it_is(mutant.cell),
    }


def _findings_of(mutant: Mutant) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="palique-mutant-") as folder:
        copy = Path(folder) / "tree"
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        (copy / "web" / "node_modules").symlink_to(ROOT / "web" / "node_modules")
        subprocess.run(["git", "apply", str(patch_of(mutant.change))], cwd=copy, check=True)
        argv = [sys.executable, "-m", "tests.faults", "--cells", mutant.cell, "--home", folder]
        log = (RESULTS / f"mutant-{mutant.change}.log").open("w")
        with log:
            subprocess.run(argv, cwd=copy, check=False, stdout=log, stderr=subprocess.STDOUT)
        written = copy / "build" / "faults" / "cells.json"
        if not written.exists():
            # Not counted as found: a product that does not run proves nothing about the bench.
            print(f"{mutant.cell} did not run with {mutant.change}, see {log.name}", flush=True)
            return []
        return _findings_in(written, mutant.cell)


def _findings_as_it_is(cell: str) -> int | None:
    """The cell's findings in the unchanged product; None when it was not run."""
    written = RESULTS / "cells.json"
    return len(_findings_in(written, cell)) if written.exists() else None


def _findings_in(written: Path, cell: str) -> list[str]:
    rows = json.loads(written.read_text())["cells"]
    return [str(finding) for row in rows if row["cell"] == cell for finding in row["findings"]]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
