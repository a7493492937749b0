"""The folders of a stack below PALIQUE_HOME, and atomic writes of small files."""

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devstack.failure import StackError

# The root of the source tree, from which the services run.
ROOT = Path(__file__).resolve().parent.parent
MORE_SPACE = "Remove files from it, or set PALIQUE_HOME to a folder on another disk."

MIB = 2**20
# MongoDB reserves 200 MiB for its journal, and RabbitMQ takes no messages when less than 200 MB are free.
LEAST_FREE = 500 * MIB


def require_space(home: Path) -> None:
    """StackError when the disk of this folder is too full for a start."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    if free < LEAST_FREE:
        raise StackError(
            f"The disk of {home} has {free // MIB} MiB free, and a start needs {LEAST_FREE // MIB}. {MORE_SPACE}"
        )


@contextmanager
def named_full_disk(home: Path) -> Iterator[None]:
    """Names a full disk in place of the error that it causes, here or in supervisord. The disk may fill while the stack runs."""
    try:
        yield
    except (OSError, StackError) as error:
        if getattr(error, "errno", None) != errno.ENOSPC and shutil.disk_usage(home).free >= MIB:
            raise
        raise StackError(f"The disk of {home} is full. {MORE_SPACE}") from error


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
