"""A stack of the last release, whose processes a test replaces one after the other."""

from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from devstack.folders import ROOT
from tests.faults.bench import Bench
from tests.faults.load import Load
from tests.support.eventually import eventually
from tests.support.palique import palique
from tests.support.stack import NO_ENGINE, ONE_ADDRESS, Stack
from tests.upgrade.trees import ALL_OTHERS, COMMIT, build_web, choose, last_release

SETTINGS = {
    "PALIQUE_REPLICAS": "gateway=2,chat=2",
    # A visitor of the load opens more chats than a person does.
    "PALIQUE_STACK_ENV_CHAT_1_PALIQUE_VISITOR_CHATS": "100000",
    "PALIQUE_STACK_ENV_CHAT_2_PALIQUE_VISITOR_CHATS": "100000",
    **ONE_ADDRESS,
    **dict([NO_ENGINE]),
}
# The documented order: readers of facts and data before their writers.
ORDER = ("presence-1", "tickets-1", "chat-1", "chat-2", "gateway-1", "gateway-2")
# Messages that must be acknowledged between two replacements.
BETWEEN = 40
BETWEEN_S = 60.0


class Installation:
    """A running stack and the tree of the last release."""

    def __init__(self, bench: Bench, home: Path, last: Path) -> None:
        self.bench = bench
        self._home = home
        self._last = last

    def migrate(self) -> str:
        """Runs `palique migrate` of the working tree beside the services; returns what it printed."""
        done = palique("migrate", settings={"PALIQUE_MONGODB_URL": self.bench.mongodb_url})
        assert done.status == 0, done
        return done.out

    async def upgrade(self, name: str) -> None:
        await self._replace(name, ROOT)

    async def downgrade(self, name: str) -> None:
        await self._replace(name, self._last)

    async def _replace(self, name: str, tree: Path) -> None:
        choose(self._home, self.bench.ops[name], tree)
        await self.bench.restart(name)
        pid = self.bench.processes.running()[name].pid
        assert Path(psutil.Process(pid).cwd()) == tree, f"{name} runs from another tree"


async def goes_on(load: Load) -> None:
    """More messages are acknowledged, and no client has met an answer outside of the contract."""
    before = load.acknowledged
    await eventually(lambda: load.acknowledged >= before + BETWEEN, BETWEEN_S, sentence="messages are acknowledged")
    load.check_alive()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """All processes run the last release."""
    home = tmp_path_factory.mktemp("palique-upgrade")
    last = last_release(COMMIT, tmp_path_factory.mktemp("last-release"))
    build_web(last)
    choose(home, ALL_OTHERS, last)
    stack = Stack(home, SETTINGS, "tests.upgrade.stack")
    try:
        stack.start()
        yield Installation(Bench(home, stack.described, seed=1), home, last)
    finally:
        stack.stop()
