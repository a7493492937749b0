from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.gateway.http_api.http_side import HttpSide, running
from tests.integration.gateway.http_api.services_behind import services_behind


@pytest.fixture
async def side(mongodb_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[HttpSide]:
    """Two sites with an agent each, and an administrator; no service runs."""
    async with running(mongodb_url, database_prefix, tmp_path) as found:
        await people(found)
        yield found


@pytest.fixture
async def whole(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[HttpSide]:
    """The same, with the services."""
    async with (
        services_behind(mongodb_url, vhost_url, database_prefix, tmp_path) as addresses,
        running(mongodb_url, database_prefix, tmp_path, addresses=addresses) as found,
    ):
        await people(found)
        yield found


async def people(side: HttpSide) -> None:
    for site in ("shop", "other"):
        await side.add_site(site)
        await side.add_agent(site, f"ana@{site}.test")
    await side.add_agent("shop", "root@shop.test", "administrator")
