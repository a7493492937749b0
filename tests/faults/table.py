"""Puts what the last runs of the fault bench counted into docs/guarantees.md, between its marks; nothing there is written by hand."""

import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from devstack.folders import ROOT

RESULTS = ROOT / "build" / "faults"
PAGE = ROOT / "docs" / "guarantees.md"


def main() -> int:
    """The exit status: 1 when a run had findings, which are no table to be shown."""
    page = PAGE.read_text()
    status = 0
    for name, lines in (("cells", _cells), ("random", _random)):
        file = RESULTS / f"{name}.json"
        if not file.exists():
            print(f"{file} is not there; what the page says of it stays")
            continue
        written = json.loads(file.read_text())
        if _has_findings(written):
            print(f"{file} has findings")
            status = 1
            continue
        page = put(page, name, lines(written))
    PAGE.write_text(page)
    return status


def put(page: str, name: str, lines: Sequence[str]) -> str:
    """The page with these lines between the marks of this name. Pure."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    pattern = re.compile(f"({re.escape(begin)}).*?({re.escape(end)})", re.DOTALL)
    assert pattern.search(page), f"{PAGE} has no marks for {name}"
    return pattern.sub(lambda found: found[1] + "".join(f"{line}\n" for line in lines) + found[2], page)


def _has_findings(written: dict[str, Any]) -> bool:
    return bool(written.get("findings")) or any(cell["findings"] for cell in written.get("cells", ()))


def _cells(written: dict[str, Any]) -> list[str]:
    head = [
        "| Cell | Fault, under load | Messages acknowledged | Counted | Doubles refused | Reconnects | Longest delay of a steady reader | Whole after | Findings |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    return [*head, *(_cell(cell) for cell in written["cells"])]


def _cell(cell: dict[str, Any]) -> str:
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


def _random(written: dict[str, Any]) -> list[str]:
    columns = (
        written["kills_total"],
        ", ".join(f"{name} {count}" for name, count in sorted(written["kills"].items())),
        written["seed"],
        f"{written['seconds'] / 60:.0f} min",
        f"{written['acknowledged']} in {written['conversations']} conversations",
        written["duplicates"],
        written["reconnects"],
        f"{written['longest_delay_s']} s",
        len(written["findings"]),
    )
    return [
        "| Kills | Of these | Seed | Took | Messages acknowledged | Doubles refused | Reconnects | Longest delay of a steady reader | Findings |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
        f"| {' | '.join(str(column) for column in columns)} |",
    ]


if __name__ == "__main__":
    sys.exit(main())
