"""An upgrade from the last release and the way back, process by process, while people talk."""

import pytest

from tests.upgrade.conftest import ORDER, Installation, goes_on

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]


async def test_an_upgrade_and_the_way_back_lose_nothing(installation: Installation) -> None:
    """Acknowledged messages stay, in order and once; no client gets an answer that the contract does not name."""
    async with installation.bench.load() as load:
        await goes_on(load)
        installation.migrate()
        await goes_on(load)
        for name in ORDER:
            await installation.upgrade(name)
            await goes_on(load)
        for name in reversed(ORDER):
            await installation.downgrade(name)
            await goes_on(load)
        verdict = await load.judge()
    assert verdict.findings == []
