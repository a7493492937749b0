"""Changes of a site reach the connections of every gateway (requirement S-03)."""

from pathlib import Path

import msgspec
import pytest

from services.gateway.fanout.site_updates import CHECK_INTERVAL_S, SiteUpdates
from services.gateway.foundation import Tuning
from tests.integration.gateway.sockets.running import Stack, running_stack
from tests.integration.gateway.sockets.running_gateway import SITE
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def switch(demo: Stack, *, enabled: bool) -> int:
    """Writes the site as an administrator does, without an announcement. Returns the new version."""
    site = await demo.gateway.process.store.site(SITE)
    assert site is not None
    changed = msgspec.structs.replace(site, enabled=enabled, version=site.version + 1)
    assert await demo.gateway.process.store.change_site(changed, site.version)
    return changed.version


async def test_disabling_a_site_closes_its_visitors_and_informs_agents_on_every_gateway(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, gateways=2) as two:
        token, _ = await two.gateway.new_visitor()
        cookie = await two.sign_in("Ana")
        changes: SiteUpdates = two.gateways[0].process.site_updates
        async with (
            two.gateways[0].visitor(token) as here,
            two.gateways[1].visitor(token) as there,
            two.gateways[1].agent(cookie) as ana,
        ):
            version = await switch(two, enabled=False)
            await changes.announce(SITE)
            assert {await here.closed(), await there.closed()} == {4403}
            told = await ana.next("site_settings")
            assert (told["enabled"], told["version"]) == (False, version)
            version = await switch(two, enabled=True)
            await changes.announce(SITE)
            assert (await ana.next("site_settings", lambda frame: frame["enabled"]))["version"] == version

        async def back() -> bool:
            async with two.gateways[1].socket("visitor") as again:
                await again.send_frame("hello", token=token)
                await eventually(lambda: again.frames or again.code is not None)
                return bool(again.frames)

        await eventually(back)


async def test_an_unannounced_change_is_found_by_the_periodic_check(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    assert CHECK_INTERVAL_S < 10
    tuning = Tuning(site_check_s=0.2)
    async with running_stack(mongodb_url, vhost_url, database_prefix, tmp_path, tuning=tuning) as demo:
        token, _ = await demo.gateway.new_visitor()
        async with demo.gateway.visitor(token) as vera:
            await switch(demo, enabled=False)
            assert await vera.closed() == 4403
