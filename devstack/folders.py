"""The folders of a stack below PALIQUE_HOME, and atomic writes of small files."""

import hashlib
import json
import os
from pathlib import Path

# The root of the source tree, from which the services run.
ROOT = Path(__file__).resolve().parent.parent


class Folders:
    """The folders of a stack, created on construction. A restart needs all of them except the logs."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "data"
        self.logs = home / "logs"
        self.run = home / "run"
        self.state = home / "state"
        for folder in (self.data, self.logs, self.run, self.state):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def key(self) -> str:
        """A short key, equal for equal homes, for the names of things outside of it such as a container's volume."""
        return hashlib.sha256(str(self.home).encode()).hexdigest()[:12]

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"


def write_whole(path: Path, content: str, mode: int = 0o644) -> None:
    """Replaces the file at once: a reader sees the old content or the new, never a part."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    temporary.rename(path)


def read_table(path: Path) -> dict[str, str]:
    """A JSON object of strings; empty when the file is missing or is no valid JSON."""
    try:
        table = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in table.items()} if isinstance(table, dict) else {}
