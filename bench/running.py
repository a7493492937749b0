"""Runs a stack for a benchmark and pins processes to cores."""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.support.stack import ONE_ADDRESS, Stack

# Rate limits per person would stop a benchmark.
UNTHROTTLED = {
    "PALIQUE_MESSAGE_RATE": "1000000",
    "PALIQUE_MESSAGE_BURST": "1000000",
    "PALIQUE_FRAME_RATE": "1000000",
    "PALIQUE_FRAME_BURST": "1000000",
    **ONE_ADDRESS,
}


@contextmanager
def stack(gateways: int = 1, chats: int = 1, *, throttled: bool = False) -> Iterator[Stack]:
    """A whole stack on loopback in a temporary folder."""
    env = {"PALIQUE_REPLICAS": f"gateway={gateways},chat={chats}"}
    if not throttled:
        env.update(_for_gateways(gateways, UNTHROTTLED))
    with tempfile.TemporaryDirectory(prefix="palique-bench-") as home:
        running = Stack(Path(home), env)
        running.start()
        try:
            yield running
        finally:
            running.stop()


def pin(pids: Iterable[int], cores: set[int]) -> None:
    """Pins every thread of these processes to these cores."""
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), cores)


def _for_gateways(number: int, variables: Mapping[str, str]) -> dict[str, str]:
    return {
        f"PALIQUE_STACK_ENV_GATEWAY_{position}_{name}": value
        for position in range(1, number + 1)
        for name, value in variables.items()
    }
