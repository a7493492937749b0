"""Every container of one host is killed in turn under load: it starts again, and no acknowledged message is lost (issue 13)."""

import asyncio
import os
from collections.abc import Iterator

import pytest

from tests.compose.one_host import PASSWORD, SERVICES, OneHost
from tests.faults.load import load_on
from tests.support.eventually import eventually

# The site of the load.
SITE = "demo"
# A gateway in production does not start with the agents of the demo.
AGENTS = ("one@shop.example", "two@shop.example")
TALKS = 4
# After a kill of the database its clients wait for its return, then send again.
GOES_ON_S = 90


@pytest.fixture
def loaded(host: OneHost, url: str) -> Iterator[str]:
    """The address, with the site and the agents of the load. The product's client runs in Node and trusts the authority too."""
    host.palique("create-site", SITE, "--name", "The demo", "--origin", "loopback")
    for email in AGENTS:
        host.palique("create-agent", email, "--site", SITE, "--name", email, "--password-stdin", stdin=PASSWORD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NODE_EXTRA_CA_CERTS", os.environ["SSL_CERT_FILE"])
        yield url


async def test_no_acknowledged_message_is_lost(host: OneHost, loaded: str) -> None:
    async with load_on([loaded], host.mongodb_url(), talks=TALKS, agents=AGENTS, password=PASSWORD) as load:
        for service in SERVICES:
            await asyncio.to_thread(host.kill, service)
            before = load.acknowledged
            await eventually(
                lambda before=before: load.acknowledged > before,  # type: ignore[misc] # a default is no argument
                GOES_ON_S, sentence=f"messages are acknowledged after the kill of {service}",
            )  # fmt: skip
            load.check_alive()
        await asyncio.to_thread(host.wait_healthy)
        verdict = await load.judge()
    assert verdict.findings == []
    assert verdict.acknowledged > len(SERVICES)
