from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.gateway.http_api.http_side import HttpSide, running


@pytest.fixture
async def side(mongodb_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[HttpSide]:
    """Two sites with an agent each, and an administrator; the services behind are away."""
    async with running(mongodb_url, database_prefix, tmp_path) as found:
        for site in ("shop", "other"):
            await found.add_site(site)
            await found.add_agent(site, f"ana@{site}.test")
        await found.add_agent("shop", "root@shop.test", "administrator")
        yield found
