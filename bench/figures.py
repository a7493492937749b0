"""Writes a figure into docs/performance.md, between the marks of its name, with date and machine."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs/performance.md"


def write(name: str, text: str) -> None:
    """Replaces the text between `<!-- NAME:begin -->` and `<!-- NAME:end -->`; KeyError when the page lacks these marks."""
    begin, end = f"<!-- {name}:begin -->\n", f"<!-- {name}:end -->"
    page = PAGE.read_text()
    if begin not in page or end not in page:
        raise KeyError(name)
    before, rest = page.split(begin, 1)
    PAGE.write_text(f"{before}{begin}{text.strip()}\n{end}{rest.split(end, 1)[1]}")


def taken() -> str:
    """Date and machine in one sentence. A load above the number of cores means that other programs used the machine."""
    load, _, _ = os.getloadavg()
    cores = os.cpu_count()
    return f"Taken {datetime.now(UTC):%Y-%m-%d} on {processor()}, {cores} cores, load {load:.1f} at the end."


def processor() -> str:
    """The name of the CPU as the kernel reports it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
