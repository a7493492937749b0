"""List of all visitors, and pages of one visitor, over gRPC."""

import grpc
import pytest
from palique.presence.v1 import presence_pb2 as pb

from tests.integration.presence.service import Service, connected, metadata, navigated
from tests.support.clock import Clock


async def listed(presence: Service, limit: int, site: str = "acme", cursor: str = "") -> pb.ListVisitorsResponse:
    request = pb.ListVisitorsRequest(site=site, cursor=cursor, limit=limit)
    return await presence.stub.ListVisitors(request, metadata=metadata(), timeout=10)


async def test_a_list_is_newest_seen_first_and_its_pages_hold_each_visitor_once(
    presence: Service, clock: Clock
) -> None:
    await presence.report(*(connected(f"v{number}", f"c{number}") for number in range(3)))
    for number in range(3, 7):
        clock.advance(1_000)
        await presence.report(connected(f"v{number}", f"c{number}"))
    await presence.report(connected("w1", "d1"), site="other")
    found: list[str] = []
    cursor = ""
    while True:
        page = await listed(presence, 2, cursor=cursor)
        found += [visitor.visitor for visitor in page.visitors]
        assert all(not visitor.pages and not visitor.notes for visitor in page.visitors)
        cursor = page.next
        if not cursor:
            break
    assert found == ["v6", "v5", "v4", "v3", "v2", "v1", "v0"]


async def test_a_bad_cursor_or_limit_is_refused(presence: Service) -> None:
    for limit, cursor in (
        (0, ""),
        (101, ""),
        (10, "x"),
        (10, "12"),
        (10, "-1.v1"),
        (10, '{"$gt": 0}'),
        (10, "9" * 30 + ".v"),
    ):
        with pytest.raises(grpc.aio.AioRpcError, match="INVALID_ARGUMENT"):
            await listed(presence, limit, cursor=cursor)


async def test_the_latest_pages_are_stored_newest_first_with_their_times(presence: Service, clock: Clock) -> None:
    """Requirements S-28, S-29: the latest 50 pages, with origin and state."""
    await presence.report(connected("v1", "c1"))
    for number in range(60):
        clock.advance(100)
        await presence.report(navigated("v1", "c1", f"https://shop.example/{number}", f"Page {number}"))
    found = await presence.visitor("v1")
    assert [page.title for page in found.pages] == [f"Page {number}" for number in range(59, 9, -1)]
    times = [page.at_ms for page in found.pages]
    assert times == sorted(times, reverse=True)
    assert (found.origin.region, found.origin.browser, found.origin.ip) == ("Germany", "Firefox", "203.0.113.9")
    assert found.online
    assert found.state == "browsing"
