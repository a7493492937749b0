"""A site that is switched off or changed reaches the sockets of every gateway (S-03)."""

from pathlib import Path

import msgspec
import pytest

from services.gateway.fanout.site_updates import SiteUpdates
from tests.integration.gateway.sockets.running import SITE, Town, town
from tests.support.eventually import eventually

pytestmark = pytest.mark.slow


async def switch(demo: Town, *, enabled: bool) -> int:
    """As an administrator's call does, without telling anybody; gives the new version."""
    site = await demo.door.gateway.store.site(SITE)
    assert site is not None
    changed = msgspec.structs.replace(site, enabled=enabled, version=site.version + 1)
    assert await demo.door.gateway.store.change_site(changed, site.version)
    return changed.version


async def test_switching_off_ends_visitors_and_tells_agents_everywhere(
    mongodb_url: str, vhost_url: str, database_prefix: str, tmp_path: Path
) -> None:
    async with town(mongodb_url, vhost_url, database_prefix, tmp_path, gateways=2) as two:
        token, _ = await two.door.new_visitor()
        cookie = await two.sign_in("Ana")
        changes: SiteUpdates = two.doors[0].gateway.site_updates
        async with (
            two.doors[0].visitor(token) as here,
            two.doors[1].visitor(token) as there,
            two.doors[1].agent(cookie) as ana,
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
            async with two.doors[1].socket("visitor") as again:
                await again.say("hello", token=token)
                await eventually(lambda: again.frames or again.code is not None)
                return bool(again.frames)

        await eventually(back)


async def test_a_change_that_nobody_announced_is_found_within_ten_seconds(demo: Town) -> None:
    token, _ = await demo.door.new_visitor()
    async with demo.door.visitor(token) as vera:
        await switch(demo, enabled=False)
        assert await vera.closed() == 4403
