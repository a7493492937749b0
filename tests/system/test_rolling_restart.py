"""Rolling restart and rolling upgrade: the processes of a service get SIGTERM one after the other, without effect for clients."""

from functools import partial
from pathlib import Path

import pytest

from devstack.folders import ROOT
from tests.support.running import Running
from tests.system.replacement import replace_under_load, restart
from tests.upgrade.trees import COMMIT, choose, has_commit, last_release

# A gateway sends its clients to another one when it stops.
MOVES = {"gateway": 2, "chat": 0}


@pytest.mark.parametrize("service", ["gateway", "chat"])
async def test_a_rolling_restart_has_no_effect_for_clients(running: Running, service: str) -> None:
    restarts = [partial(restart, running, service, replica) for replica in (0, 1)]
    await replace_under_load(running, list(restarts), MOVES[service])


async def test_the_last_release_works_beside_this_one(running: Running, tmp_path: Path) -> None:
    """The first gateway and the first chat process go back to the last release, and forward again."""
    if not has_commit(COMMIT):
        pytest.skip("NOT TESTED: this clone does not have the history up to the last release")
    tree = last_release(COMMIT, tmp_path / "last-release")
    services = ("chat", "gateway")

    async def replace(service: str, version: Path) -> None:
        choose(running.home, running.ops(service).removeprefix("http://"), version)
        await restart(running, service, 0)

    back = [partial(replace, service, tree) for service in services]
    forward = [partial(replace, service, ROOT) for service in services]
    await replace_under_load(running, [*back, *forward], moves=2)
