"""Every container is restarted in turn under load: no message is lost or has to be sent twice (issue 6, requirement I-1)."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.rabbitmq import PrivateRabbit
from devstack.shared_backends import shared_mongodb
from tests.faults.ledger import Refused
from tests.faults.load import AGENTS, load_on
from tests.images.installation import Process, installed

# Enough conversations that some message is unacknowledged whenever a container ends, on a busy machine too.
TALKS = 4
# The refusal of a closed conversation, which the load itself causes.
EXPECTED = "closed"
# Gateways restart one after the other, so a client reconnects at most once per gateway.
MOST_RECONNECTS = 2
# The site and the secrets of the load.
SITE, PASSWORD = "demo", "correct horse battery"


@pytest.fixture
def own_mongodb_url(program: str, tmp_path: Path) -> Iterator[str]:
    """A server with the default database names, which the ledger reads."""
    del program
    with shared_mongodb(None, tmp_path / "mongodb") as shared:
        yield shared.url


@pytest.fixture
def processes(
    program: str, broker: PrivateRabbit, own_mongodb_url: str, tmp_path: Path
) -> Iterator[dict[str, Process]]:
    """Two gateways, two chat processes, one process of the other services."""
    with installed(program, broker, own_mongodb_url, tmp_path, "palique", {"gateway": 2, "chat": 2}) as found:
        gateway = found["gateway-1"].container
        gateway.palique("create-site", SITE, "--name", "The shop", "--origin", "loopback")
        for email in AGENTS:
            gateway.palique("create-agent", email, "--site", SITE, "--name", email, "--password-stdin", stdin=PASSWORD)
        yield found


async def test_a_rolling_restart_under_load_loses_nothing(processes: dict[str, Process], own_mongodb_url: str) -> None:
    """Each container ends on SIGTERM within its grace period, and is ready again before the next one ends."""
    gateways = [process.public for process in processes.values() if process.container.service == "gateway"]
    async with load_on(gateways, own_mongodb_url, talks=TALKS, password=PASSWORD) as load:
        for process in processes.values():
            before = load.acknowledged
            assert await asyncio.to_thread(process.container.stop) == 0, process.container.logs()
            await asyncio.to_thread(process.container.start)
            await asyncio.to_thread(process.wait_whole)
            load.check_alive()
            assert load.acknowledged > before, f"nothing was acknowledged while {process.container.name} was restarted"
        moved = [page.connects - 1 for page in load.pages if page.reader.steady]
        verdict = await load.judge()
    assert verdict.findings == []
    refused = [event for _, event in load.ledger.events if isinstance(event, Refused) and event.code != EXPECTED]
    assert refused == []
    assert max(moved) <= MOST_RECONNECTS
