"""Reports and the list of online visitors over gRPC."""

import asyncio
from pathlib import Path

import grpc
import pytest
from palique.presence.v1 import presence_pb2 as pb

from services.presence.settings import Settings
from tests.integration.presence.service import (
    Service,
    connected,
    disconnected,
    metadata,
    navigated,
    of_one_database,
    running,
    settings_for,
)
from tests.support.clock import Clock
from tests.support.eventually import eventually


async def test_a_connected_visitor_is_in_the_list_with_page_and_origin(presence: Service) -> None:
    """Requirements S-14, S-16, S-19, S-20: page, location, browser, counts."""
    await presence.report(connected("v1", "c1"))
    row = (await presence.online())["v1"]
    assert (row.page.url, row.page.title, row.region, row.country) == ("https://shop.example/", "Shop", "Germany", "DE")
    assert (row.name, row.state, row.visits, row.chats) == ("Visitor V1", "browsing", 1, 0)
    assert (row.browser, row.os, row.device) == ("Firefox", "Linux", "Desktop")


async def test_a_page_change_changes_the_row(presence: Service) -> None:
    """Requirement S-15: the row shows the current page."""
    await presence.report(connected("v1", "c1"))
    before = (await presence.online())["v1"]
    await presence.report(navigated("v1", "c1", "https://shop.example/tea", "Tea"))
    after = (await presence.online())["v1"]
    assert (after.page.url, after.page.title) == ("https://shop.example/tea", "Tea")
    assert after.rev > before.rev
    assert (after.visits, after.since_ms) == (1, before.since_ms)


async def test_reload_page_change_and_second_tab_are_one_row_and_one_visit(presence: Service, clock: Clock) -> None:
    """Requirements I-11, S-21: a visit lasts until the linger after the last connection."""
    await presence.report(connected("v1", "c1"))
    since = (await presence.online())["v1"].since_ms
    await presence.report(connected("v1", "c2"), gateway="g2")
    await presence.report(disconnected("v1", "c1"))
    await presence.report(disconnected("v1", "c2"), gateway="g2")
    clock.advance(8_000)
    await presence.report(connected("v1", "c3"))
    clock.advance(10_000)
    await presence.report(navigated("v1", "c3", "https://shop.example/tea"))
    rows = await presence.online()
    assert list(rows) == ["v1"]
    assert (rows["v1"].visits, rows["v1"].since_ms) == (1, since)


async def test_a_disconnected_visitor_is_offline_after_the_linger_and_returns_as_a_second_visit(
    presence: Service, clock: Clock
) -> None:
    """Requirements I-12, S-21: offline within 15 s, by time alone."""
    await presence.report(connected("v1", "c1"))
    await presence.report(disconnected("v1", "c1"))
    clock.advance(9_000)
    assert "v1" in await presence.online()
    clock.advance(2_000)
    await eventually(lambda: is_gone(presence, "v1"), 4)
    assert not (await presence.visitor("v1")).online
    await presence.report(connected("v1", "c2"))
    assert (await presence.online())["v1"].visits == 2


async def test_a_repeated_report_changes_nothing(presence: Service) -> None:
    at = 0
    events = (
        connected("v1", "c1", at),
        navigated("v1", "c1", "https://shop.example/tea", at=at),
        connected("v1", "c2", at),
        disconnected("v1", "c1"),
    )
    await presence.report(*events)
    before = (await presence.visitor("v1"), await presence.online())
    await presence.report(*events[2:])
    await presence.report(
        disconnected("v1", "c1"), connected("v1", "c1"), navigated("v1", "c1", "https://late.example/")
    )
    assert (await presence.visitor("v1"), await presence.online()) == before


async def report(service: Service, *events: pb.SocketEvent, gateway: str) -> None:
    """Again while the outcome is unknown, as a gateway does."""
    while True:
        try:
            await service.report(*events, gateway=gateway)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
        else:
            return


async def test_concurrent_reports_of_two_gateways_on_one_visitor_are_all_applied(
    presence_settings: Settings, clock: Clock, tmp_path: Path
) -> None:
    """Two processes and two gateways open forty tabs of one visitor and close thirty-eight, concurrently."""
    other = settings_for(tmp_path, **of_one_database(presence_settings))
    async with running(presence_settings, clock) as one, running(other, clock) as two:
        gateways = ((one, "g1"), (two, "g2"))
        await asyncio.gather(
            *(
                report(
                    service,
                    connected("v1", f"{gateway}-c{tab}"),
                    connected(f"w{tab}", f"{gateway}-w{tab}"),
                    gateway=gateway,
                )
                for service, gateway in gateways
                for tab in range(20)
            )
        )
        await asyncio.gather(
            *(
                report(service, disconnected("v1", f"{gateway}-c{tab}"), gateway=gateway)
                for service, gateway in gateways
                for tab in range(1, 20)
            )
        )
        clock.advance(11_000)
        await one.renew("g1")
        await two.renew("g2")
        assert (await one.online())["v1"].visits == 1
        assert len(await one.online()) == 21
        await one.report(disconnected("v1", "g1-c0"))
        clock.advance(11_000)
        assert "v1" in await two.online()
        await two.report(disconnected("v1", "g2-c0"), gateway="g2")
        clock.advance(11_000)
        await eventually(lambda: is_gone(two, "v1"))


async def test_a_visitor_becomes_idle_by_time_alone(presence: Service, clock: Clock) -> None:
    await presence.report(connected("v1", "c1"))
    clock.advance(20_000)
    await presence.renew()
    for _ in range(14):
        clock.advance(20_000)
        await presence.renew()

    async def is_idle() -> bool:
        await presence.renew()
        return (await presence.online())["v1"].state == "idle"

    await eventually(is_idle, 4)
    await presence.report(navigated("v1", "c1", "https://shop.example/tea"))
    assert (await presence.online())["v1"].state == "browsing"


async def test_a_list_has_the_visitors_of_its_site_only(presence: Service) -> None:
    await presence.report(connected("v1", "c1"))
    await presence.report(connected("v1", "d1"), site="other")
    await presence.report(disconnected("v1", "d1"), site="other")
    assert list(await presence.online("acme")) == ["v1"]
    assert list(await presence.online("third")) == []


async def test_a_report_with_a_bad_event_is_refused_whole(presence: Service) -> None:
    bad = pb.SocketEvent(person="$where", connection="c1", visitor_disconnected=pb.VisitorDisconnected())
    with pytest.raises(grpc.aio.AioRpcError, match="INVALID_ARGUMENT") as refused:
        await presence.report(connected("v1", "c1"), bad)
    assert "events[1]: person" in str(refused.value.details())
    assert await presence.online() == {}
    await presence.report(connected("v1", "c1"))
    assert list(await presence.online()) == ["v1"]


async def test_a_caller_with_a_token_of_one_site_cannot_report_connections(presence: Service) -> None:
    report = pb.ReportRequest(site="acme", gateway="g1", events=[connected("v1", "c1")])
    with pytest.raises(grpc.aio.AioRpcError, match="PERMISSION_DENIED"):
        await presence.stub.Report(report, metadata=metadata("partner"), timeout=5)
    renewal = pb.RenewLeaseRequest(site="acme", gateway="g1")
    with pytest.raises(grpc.aio.AioRpcError, match="PERMISSION_DENIED"):
        await presence.stub.RenewLease(renewal, metadata=metadata("partner"), timeout=5)
    assert await presence.online() == {}


async def is_gone(presence: Service, visitor_id: str) -> bool:
    return visitor_id not in await presence.online()


async def test_the_online_list_is_paged_by_id(presence: Service) -> None:
    """Each visitor once, in pages of the requested size, without visitors of other sites."""
    visitors = [f"paged-{number}" for number in range(5)]
    await presence.report(*(connected(visitor, f"c-{visitor}") for visitor in visitors))
    await presence.report(connected("elsewhere", "c-elsewhere"), site="other")
    pages: list[list[str]] = []
    token = ""
    while not pages or token:
        request = pb.ListOnlineRequest(site="acme", page_size=2, page_token=token)
        answer = await presence.stub.ListOnline(request, metadata=metadata(), timeout=10)
        pages.append([row.visitor for row in answer.rows])
        token = answer.next_page_token
    assert pages == [visitors[:2], visitors[2:4], visitors[4:]]
    for page_size in (-1, 5001):
        request = pb.ListOnlineRequest(site="acme", page_size=page_size)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await presence.stub.ListOnline(request, metadata=metadata(), timeout=10)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
