"""Fixtures of the kit's tests on real sockets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.integration.kit.rpc_servers import Servers
from tests.support.proxy import Proxy


@pytest.fixture
async def proxy(vhost_url: str) -> AsyncIterator[Proxy]:
    async with Proxy.before(vhost_url) as proxy:
        yield proxy


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[Servers]:
    servers = Servers(tmp_path)
    yield servers
    await servers.stop()
