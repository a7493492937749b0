"""Results of benchmarks: one JSON file each, and one table of all in docs/performance.md."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench.figures import processor, write
from devstack.folders import ROOT
from devstack.mongodb import mongod_path
from tests.support.json_object import JsonObject

RESULTS = Path(__file__).with_name("results")
LIBRARIES = ("uvicorn", "uvloop", "websockets", "grpcio", "motor", "pymongo", "aio-pika", "msgspec")


class Line(NamedTuple):
    """One line of the table. `met` is None without a target; `beside` holds an explanation or a comparison."""

    what: str
    figure: str
    target: str = ""
    met: bool | None = None
    beside: str = ""


def of_runs(values: Sequence[float], digits: int = 0, unit: str = "") -> str:
    """The median, with minimum and maximum when there are several values."""
    middle = f"{median(values):,.{digits}f}{unit}"
    if len(values) < 2:
        return middle
    return f"{middle} ({min(values):,.{digits}f} to {max(values):,.{digits}f})"


def save(name: str, at: str, found: object, lines: Sequence[Line], took_s: float) -> None:
    """The result of one benchmark at a revision."""
    RESULTS.mkdir(exist_ok=True)
    report = {
        "taken": f"{datetime.now(UTC):%Y-%m-%d}",
        "revision": at,
        "took_s": round(took_s),
        "machine": _machine(),
        "lines": [line._asdict() for line in lines],
        "found": found,
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(report, indent=1) + "\n")


def publish() -> str:
    """Writes the table of all results into the docs and returns it."""
    rows = ["| # | What | Figure | Target | Met | Beside |", "| --- | --- | --- | --- | --- | --- |"]
    machines: dict[str, list[str]] = {}
    for path in sorted(RESULTS.glob("*.json"), key=lambda found: found.stem):
        report = json.loads(path.read_text())
        machines.setdefault(f"{report['taken']} at {report['revision']} on {report['machine']}", []).append(path.stem)
        for line in map(_line, report["lines"]):
            met = {True: "yes", False: "**no**", None: ""}[line.met]
            rows.append(f"| {path.stem} | {line.what} | {line.figure} | {line.target} | {met} | {line.beside} |")
    taken = [f"{', '.join(names)}: taken {machine}." for machine, names in machines.items()]
    text = "\n".join([*rows, "", *taken])
    write("bench", text)
    return text


def _line(found: JsonObject) -> Line:
    return Line(**found)


def revision() -> str:
    """The revision that is measured. Call it before results are written, because they change the work tree."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=7"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    return told.stdout.strip() or "an unknown revision"


def _machine() -> str:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    mongod = subprocess.run([mongod_path(), "--version"], check=False, capture_output=True, text=True).stdout
    database = mongod.splitlines()[0].removeprefix("db version v") if mongod else "unknown"
    return (
        f"{processor()}, {os.cpu_count()} cores, Linux {platform.release()}, Python {platform.python_version()}, "
        f"MongoDB {database}, {libraries}"
    )
