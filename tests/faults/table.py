"""Writes the results of the last runs of the fault bench into docs/guarantees.md, between its marks."""

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from devstack.folders import ROOT

RESULTS = ROOT / "build" / "faults"
PAGE = ROOT / "docs" / "guarantees.md"
# Faults that caused losses in published tests of other systems, and the cell with the same fault here; in brackets its count.
EXPERIMENTS = (
    ("kill -9 of server processes and of what is behind them, {kills:g} kills", "F1"),
    ("kill -9 of the broker, {kills:g} kills", "F3"),
    ("overload, {acknowledged meanwhile:g} messages acknowledged under it", "F9"),
)

Written = dict[str, Any]


def main() -> int:
    """The exit status: 1 when a run had findings, for which no table is written."""
    page = PAGE.read_text()
    status = 0
    for name, files, lines in PARTS:
        found = [json.loads(file.read_text()) for file in sorted(RESULTS.glob(files))]
        if not found:
            print(f"{RESULTS / files} is not there; what the page says of it stays")
        elif any(_has_findings(each) for each in found):
            print(f"{RESULTS / files} has findings")
            status = 1
        else:
            page = put(page, name, lines(found))
    PAGE.write_text(page)
    return status


def put(page: str, name: str, lines: Sequence[str]) -> str:
    """The page with these lines between the marks of this name. Pure."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    pattern = re.compile(f"({re.escape(begin)}).*?({re.escape(end)})", re.DOTALL)
    assert pattern.search(page), f"{PAGE} has no marks for {name}"
    return pattern.sub(lambda found: found[1] + "".join(f"{line}\n" for line in lines) + found[2], page)


def _has_findings(written: Written) -> bool:
    """A mutant must have findings; one without is an error."""
    clean = not written.get("findings") and not any(cell["findings"] for cell in written.get("cells", ()))
    return not clean or any(not row["findings"] or row["as_it_is"] != 0 for row in written.get("mutants", ()))


def _cells(found: Sequence[Written]) -> list[str]:
    head = [
        "| Cell | Fault, under load | Messages acknowledged | Counted | Doubles refused | Reconnects | Longest delay of a steady reader | Whole after | Findings |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return [*head, *(_cell(cell) for written in found for cell in written["cells"])]


def _cell(cell: Written) -> str:
    counts = ", ".join(f"{name} {value:g}" for name, value in cell["counts"].items())
    columns = (
        cell["cell"],
        cell["fault"],
        f"{cell['acknowledged']}",
        counts,
        cell["duplicates"],
        cell["reconnects"],
        f"{cell['longest_delay_s']} s",
        f"{cell['whole_after_s']} s",
        len(cell["findings"]),
    )
    return f"| {' | '.join(str(column) for column in columns)} |"


def _experiments(found: Sequence[Written]) -> list[str]:
    """The rows of cells with a fault of published tests of other systems."""
    cells = {cell["cell"]: cell for written in found for cell in written["cells"]}
    head = ["| Done under load | In cell | Messages acknowledged | Lost of these |", "| --- | --- | --- | --- |"]
    return [*head, *(_experiment(words, cells[name]) for words, name in EXPERIMENTS if name in cells)]


def _experiment(words: str, cell: Written) -> str:
    lost = sum(finding.startswith("acknowledged_is_there_once") for finding in cell["findings"])
    return f"| {words.format(**cell['counts'])} | {cell['cell']} | {cell['acknowledged']} | {lost} |"


def _random(found: Sequence[Written]) -> list[str]:
    head = [
        "| Kills | Of these | Seed | Took | Messages acknowledged | Doubles refused | Reconnects | Longest delay of a steady reader | Findings |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    rows = sorted(found, key=lambda each: int(each["seed"]))
    return [
        *head,
        *(_kills(str(each["seed"]), [each]) for each in rows),
        *([_kills("all", rows)] if len(rows) > 1 else []),
    ]


def _kills(seed: str, runs: Sequence[Written]) -> str:
    """One run, or the sum of several."""

    def total(name: str) -> int:
        return sum(int(run[name]) for run in runs)

    by_service: Counter[str] = sum((Counter(run["kills"]) for run in runs), Counter())
    columns = (
        total("kills_total"),
        ", ".join(f"{name} {count}" for name, count in sorted(by_service.items())),
        seed,
        f"{sum(run['seconds'] for run in runs) / 60:.0f} min",
        f"{total('acknowledged')} in {total('conversations')} conversations",
        total("duplicates"),
        total("reconnects"),
        f"{max(run['longest_delay_s'] for run in runs)} s",
        sum(len(run["findings"]) for run in runs),
    )
    return f"| {' | '.join(str(column) for column in columns)} |"


def _mutants(found: Sequence[Written]) -> list[str]:
    rows = [
        f"| {row['mutant']} | {row['cell']} | {row['findings']}: {', '.join(f'`{check}`' for check in row['checks'])} | {row['as_it_is']} |"
        for written in found
        for row in written["mutants"]
    ]
    return [
        "| A product that … | Cell | Findings | Findings of the cell in the product as it is |",
        "| --- | --- | --- | --- |",
        *rows,
    ]


# Each part of the page: its marks, its source files, and the function that formats it.
PARTS: Sequence[tuple[str, str, Callable[[Sequence[Written]], list[str]]]] = (
    ("cells", "cells.json", _cells),
    ("experiments", "cells.json", _experiments),
    ("random", "random-*.json", _random),
    ("mutants", "mutants.json", _mutants),
)


if __name__ == "__main__":
    sys.exit(main())
