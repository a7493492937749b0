"""Breaks the product in ways that the promise forbids, each in a copy of the tree, and runs the cell that must find it.

A mutant that is not found says that the bench is blind: exit status 1. Texts that are replaced must stand there once.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from devstack.folders import ROOT

RESULTS = ROOT / "build" / "faults"


class Change(NamedTuple):
    file: str
    before: str
    after: str


class Mutant(NamedTuple):
    name: str
    cell: str
    changes: tuple[Change, ...]


LATELY = "entry.at_ms > time.time() * 1000 - 5000"
MUTANTS = (
    Mutant(
        "acknowledges before a majority has it",
        "F2",
        (
            Change(
                "services/chat/store.py",
                "from pymongo import ASCENDING, UpdateOne\n",
                "from pymongo import ASCENDING, UpdateOne, WriteConcern\n",
            ),
            Change(
                "services/chat/store.py",
                'database["entries"]',
                'database.get_collection("entries", write_concern=WriteConcern(w=1))',
            ),
        ),
    ),
    Mutant(
        "no index over client ids",
        "F1s",
        (
            Change(
                "services/chat/indexes.py",
                '        name="client_id",\n        unique=True,\n',
                '        name="client_id",\n',
            ),
        ),
    ),
    Mutant(
        "applies hints as they come",
        "F8",
        (
            Change(
                "web/client/src/log.ts",
                "if (entry.seq === last + 1 || ahead.size < AHEAD_LIMIT) ahead.set(entry.seq, entry);",
                "last = entry.seq - 1;\n\t\tahead.set(entry.seq, entry);",
            ),
        ),
    ),
    Mutant(
        "resumes by time: the last five seconds",
        "F1",
        (
            Change("services/gateway/resuming.py", "import asyncio\n", "import asyncio\nimport time\n"),
            Change(
                "services/gateway/resuming.py",
                "            link.note(cursor.conversation, page.epoch, entry.seq)\n",
                f"            if not {LATELY}:\n                continue\n"
                "            link.note(cursor.conversation, page.epoch, entry.seq)\n",
            ),
            Change(
                "services/gateway/talking.py",
                "[entry_json(entry) for entry in page.entries]",
                f"[entry_json(entry) for entry in page.entries if {LATELY}]",
            ),
        ),
    ),
    Mutant(
        "a consumer acknowledges before the effect",
        "F1s",
        (
            Change(
                "kit/work.py",
                "        try:\n            async with asyncio.timeout(HANDLE_TIMEOUT_S):\n",
                "        await _settle(message.ack())\n        try:\n            async with asyncio.timeout(HANDLE_TIMEOUT_S):\n",
            ),
            Change("kit/work.py", "            await _settle(message.nack(requeue=True))\n", ""),
            Change(
                "kit/work.py", '        self._taken.labels("done").inc()\n        await _settle(message.ack())\n', ""
            ),
        ),
    ),
)


def main() -> int:
    """The exit status."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[1:] or [mutant.name for mutant in MUTANTS]
    found = []
    for mutant in MUTANTS:
        if mutant.name not in wanted:
            continue
        findings = _findings_of(mutant)
        checks = sorted({finding.partition(":")[0] for finding in findings})
        found.append({"mutant": mutant.name, "cell": mutant.cell, "findings": len(findings), "checks": checks})
        print(f"{'found' if findings else 'NOT FOUND'}: {mutant.name}, by {mutant.cell}: {checks}", flush=True)
    (RESULTS / "mutants.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0 if all(each["findings"] for each in found) else 1


def _findings_of(mutant: Mutant) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="palique-mutant-") as folder:
        copy = Path(folder) / "tree"
        _copy_tree(copy)
        for change in mutant.changes:
            _apply(copy, change)
        argv = [sys.executable, "-m", "tests.faults", "--cells", mutant.cell, "--home", folder]
        subprocess.run(argv, cwd=copy, check=False)
        written = copy / "build" / "faults" / "cells.json"
        if not written.exists():
            # Not a finding: a product that does not run at all shows nothing of the bench.
            raise SystemExit(f"the cell {mutant.cell} did not run with: {mutant.name}")
        return [finding for row in json.loads(written.read_text())["cells"] for finding in row["findings"]]


def _copy_tree(copy: Path) -> None:
    for name in ("devstack", "kit", "protos", "services", "tests", "web"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    (copy / "web" / "node_modules").symlink_to(ROOT / "web" / "node_modules")


def _apply(copy: Path, change: Change) -> None:
    text = (copy / change.file).read_text()
    assert text.count(change.before) == 1, f"{change.file} does not hold once: {change.before}"
    (copy / change.file).write_text(text.replace(change.before, change.after))


if __name__ == "__main__":
    sys.exit(main())
