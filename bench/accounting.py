"""CPU seconds and memory of processes, from the kernel's accounting."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

TICK = os.sysconf("SC_CLK_TCK")
# The processes on the path of a message; the report lists the others separately.
PATH = ("gateway", "chat", "mongodb", "rabbitmq")


def groups_of(described: Mapping[str, Any]) -> dict[str, list[int]]:
    """Process ids by service, from a running stack's description; with `client`, this process too."""
    groups = {name: [entry["pid"] for entry in entries] for name, entries in described["services"].items()}
    broker = described["rabbitmq"]["pid"]
    groups["mongodb"] = list(described["mongodb"]["pids"])
    groups["rabbitmq"] = with_children(broker) if broker else []
    groups["client"] = [os.getpid()]
    return groups


def with_children(pid: int) -> list[int]:
    """A process and all its descendants."""
    found = [pid]
    for one in found:
        with suppress(FileNotFoundError):  # the process has ended meanwhile
            for task in Path(f"/proc/{one}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def cpu_s(pids: Iterable[int]) -> float:
    """User and system time, all threads, in seconds; a tick is 10 ms."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICK


def resident_bytes(pid: int) -> int:
    """The resident memory of a process in bytes."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Rss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"/proc/{pid}/smaps_rollup has no Rss")


class Accounts:
    """CPU time of groups of processes since construction."""

    def __init__(self, groups: Mapping[str, Sequence[int]]) -> None:
        self._groups = groups
        self._before = {name: cpu_s(pids) for name, pids in groups.items()}

    def used(self) -> dict[str, float]:
        """CPU seconds by group since construction."""
        return {name: cpu_s(pids) - self._before[name] for name, pids in self._groups.items()}
