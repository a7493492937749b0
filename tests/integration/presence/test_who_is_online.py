"""Who is online, by report, over the service's own port."""

from tests.eventually import eventually
from tests.integration.presence.service import Clock, Service, connected, disconnected, navigated


async def test_a_visitor_who_connects_is_in_the_list_with_page_and_place(presence: Service) -> None:
    """S-14, S-16, S-19, S-20."""
    await presence.report(connected("v1", "c1"))
    row = (await presence.online())["v1"]
    assert (row.page.url, row.page.title, row.region, row.country) == ("https://shop.example/", "Shop", "Germany", "DE")
    assert (row.name, row.state, row.visits, row.chats) == ("Visitor V1", "browsing", 1, 0)
    assert (row.browser, row.os, row.device) == ("Firefox", "Linux", "Desktop")


async def test_the_row_follows_the_visitor_to_another_page(presence: Service) -> None:
    """S-15."""
    await presence.report(connected("v1", "c1"))
    before = (await presence.online())["v1"]
    await presence.report(navigated("v1", "c1", "https://shop.example/tea", "Tea"))
    after = (await presence.online())["v1"]
    assert (after.page.url, after.page.title) == ("https://shop.example/tea", "Tea")
    assert after.rev > before.rev
    assert (after.visits, after.since_ms) == (1, before.since_ms)


async def test_a_closed_visitor_is_gone_after_the_linger(presence: Service, clock: Clock) -> None:
    """I-12: gone within 15 s, by time alone."""
    await presence.report(connected("v1", "c1"))
    await presence.report(disconnected("v1", "c1"))
    clock.pass_by(9_000)
    assert "v1" in await presence.online()
    clock.pass_by(2_000)

    async def gone() -> bool:
        return "v1" not in await presence.online()

    await eventually(gone, 4)
    assert not (await presence.visitor("v1")).online
