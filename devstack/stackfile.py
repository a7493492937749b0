"""`run/stack.json`: addresses and pids, for developers and tests. It exists only while the stack is ready."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NotRequired, TypedDict

from devstack.backends import Backend
from devstack.folders import write_whole
from devstack.services import ServiceProcess
from devstack.settings import SERVICES
from devstack.supervision import Running


class ProcessEntry(TypedDict):
    pid: int
    ops: str
    grpc: NotRequired[str]
    public: NotRequired[str]


class MongoEntry(TypedDict):
    url: str
    pids: list[int]


class BrokerEntry(TypedDict):
    url: str
    pid: int | None


class Description(TypedDict):
    """The content of the file without the time."""

    public: str
    demo: str
    dashboard: str
    mongodb: MongoEntry
    rabbitmq: BrokerEntry
    services: dict[str, list[ProcessEntry]]


def description(
    mongodb: Backend, rabbitmq: Backend, processes: Sequence[ServiceProcess], running: Mapping[str, Running]
) -> Description:
    """A pid is 0 while its process is down, null for a server outside of this stack."""
    public = f"http://{next(process.public for process in processes if process.public)}"
    broker = rabbitmq.pids(running)
    return {
        "public": public,
        "demo": f"{public}/demo",
        "dashboard": f"{public}/dashboard/",
        "mongodb": {"url": mongodb.url, "pids": mongodb.pids(running)},
        "rabbitmq": {"url": rabbitmq.url, "pid": broker[0] if broker else None},
        "services": {
            service: [_entry(process, running) for process in processes if process.service == service]
            for service in SERVICES
        },
    }


def whole(described: Description) -> bool:
    """True when every process is up. While a process restarts, the file keeps its former content."""
    pids = [entry["pid"] for entries in described["services"].values() for entry in entries]
    return 0 not in [*pids, *described["mongodb"]["pids"], described["rabbitmq"]["pid"]]


class StackFile:
    """Writes the file when its content has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ready_at = ""
        self._written: Description | None = None

    def write(self, described: Description) -> None:
        """Writes the file if it changed. `ready_at` is the time of the first call."""
        if described == self._written:
            return
        self._ready_at = self._ready_at or _now()
        write_whole(self.path, json.dumps({"ready_at": self._ready_at, **described}, indent=2) + "\n")
        self._written = described

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _entry(process: ServiceProcess, running: Mapping[str, Running]) -> ProcessEntry:
    entry: ProcessEntry = {"pid": running[process.name].pid, "ops": f"http://{process.ops}"}
    if process.grpc is not None:
        entry["grpc"] = process.grpc
    if process.public is not None:
        entry["public"] = f"http://{process.public}"
    return entry


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
