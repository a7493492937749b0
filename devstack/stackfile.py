"""`run/stack.json`: what runs where, for people and for tests. There while the stack is ready, and only then."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from devstack.backends import Backend
from devstack.folders import write_whole
from devstack.services import ServiceProcess
from devstack.settings import SERVICES
from devstack.supervision import Running


def description(
    mongodb: Backend, rabbitmq: Backend, processes: Sequence[ServiceProcess], running: Mapping[str, Running]
) -> dict[str, Any]:
    """All but the time. A pid is 0 while its process is down, null where the server is not of this stack."""
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


def whole(described: Mapping[str, Any]) -> bool:
    """Whether every process is up; while one is being started again the file keeps what it said."""
    pids = [entry["pid"] for entries in described["services"].values() for entry in entries]
    return 0 not in [*pids, *described["mongodb"]["pids"], described["rabbitmq"]["pid"]]


class StackFile:
    """Writes the file when what it says has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ready_at = ""
        self._written: Mapping[str, Any] | None = None

    def write(self, described: Mapping[str, Any]) -> None:
        """The first time is when the stack became ready."""
        if described == self._written:
            return
        self._ready_at = self._ready_at or _now()
        write_whole(self.path, json.dumps({"ready_at": self._ready_at, **described}, indent=2) + "\n")
        self._written = described

    def remove(self) -> None:
        self.path.unlink(missing_ok=True)


def _entry(process: ServiceProcess, running: Mapping[str, Running]) -> dict[str, Any]:
    entry: dict[str, Any] = {"pid": running[process.name].pid, "ops": f"http://{process.ops}"}
    if process.grpc is not None:
        entry["grpc"] = process.grpc
    if process.public is not None:
        entry["public"] = f"http://{process.public}"
    return entry


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
