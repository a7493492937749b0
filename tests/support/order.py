"""Order of a run in several processes: each process takes the longest part that is left.

A part is a file, or all files of a folder whose tests share one stack.
"""

import json
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]

# Seconds of each long part, as `pytest --durations` shows them. Only their order counts. A path that no longer exists is harmless.
SECONDS: dict[str, float] = json.loads((Path(__file__).parent / "seconds.json").read_text())
NO_BACKENDS = ("tests/unit", "tests/browser")


def part_of(nodeid: str) -> str:
    """The part of a test: the tests of the system share one stack."""
    path = nodeid.partition("::")[0]
    return "tests/system" if path.startswith("tests/system/") and path not in SECONDS else path


def longest_first(items: list[pytest.Item]) -> None:
    """Sorts by part. Within a part, and among parts of unknown length, the order stays."""
    items.sort(key=lambda item: -SECONDS.get(part_of(item.nodeid), 0.0))


def needs_backends(config: pytest.Config) -> bool:
    """False when all of the named folders do without MongoDB and RabbitMQ of the run."""
    return not all(argument.startswith(NO_BACKENDS) for argument in config.args)


class LongestFirst(LoadScopeScheduling):  # type: ignore[misc] # untyped
    """Gives parts in the order of collection."""

    def _split_scope(self, nodeid: str) -> str:
        return part_of(nodeid)

    def _reschedule(self, node: WorkerController) -> None:
        # A worker needs to know the test after the current one. Two parts ahead would take work from idle workers.
        if not self.workqueue or self._pending_of(self.assigned_work[node]) < 2:
            super()._reschedule(node)
