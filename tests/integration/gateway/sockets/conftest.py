from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.gateway.sockets.running import Stack, running_stack


@pytest.fixture
async def demo(mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path) -> AsyncIterator[Stack]:
    """One of each service."""
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path) as found:
        yield found
