"""Checks of a report: wrong values of our gateways are refused, values of a browser are cut to bounds or cleared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palique.presence.v1 import presence_pb2 as pb

from kit.codes import Code, Refused
from services.presence.domain.visitor import Connected, Navigated
from services.presence.validation import CLOCK_SLACK_MS, MAX_EVENTS, reported_events

NOW = 1_767_225_600_000


def checked(page: pb.Page | None = None, origin: pb.Origin | None = None, at_ms: int = NOW) -> Connected:
    """The event of a connected visitor after the check."""
    connected = pb.VisitorConnected(page=page or pb.Page(), origin=origin or pb.Origin())
    event = pb.SocketEvent(person="v1", connection="c1", at_ms=at_ms, visitor_connected=connected)
    visitors, _ = reported_events(pb.ReportRequest(events=[event]), "g1/1", NOW)
    found = visitors["v1"][0]
    assert isinstance(found, Connected)
    return found


@pytest.mark.parametrize("bad", ["", "a b", "x" * 65, "v/1", "$ne", "v.1", "v1\x00", "\u0661"])
def test_an_id_of_other_characters_is_refused(bad: str) -> None:
    for person, connection in ((bad, "c1"), ("v1", bad)):
        event = pb.SocketEvent(person=person, connection=connection, visitor_disconnected=pb.VisitorDisconnected())
        with pytest.raises(Refused, match=r"events\[0\]") as refused:
            reported_events(pb.ReportRequest(events=[event]), "g1/1", NOW)
        assert refused.value.code is Code.INVALID


def test_an_event_without_a_kind_and_unknown_status_and_country_are_refused() -> None:
    nothing = pb.SocketEvent(person="v1", connection="c1")
    status = pb.SocketEvent(person="a1", connection="c1", agent_chose_status=pb.AgentChoseStatus(status="busy"))
    country = pb.VisitorConnected(origin=pb.Origin(country="Germany"))
    origin = pb.SocketEvent(person="v1", connection="c1", visitor_connected=country)
    for bad in (nothing, status, origin):
        with pytest.raises(Refused) as refused:
            reported_events(pb.ReportRequest(events=[bad]), "g1/1", NOW)
        assert refused.value.code is Code.INVALID


def test_a_report_with_too_many_events_is_refused() -> None:
    event = pb.SocketEvent(person="v1", connection="c1", visitor_disconnected=pb.VisitorDisconnected())
    with pytest.raises(Refused) as refused:
        reported_events(pb.ReportRequest(events=[event] * (MAX_EVENTS + 1)), "g1/1", NOW)
    assert refused.value.code is Code.TOO_LARGE


@pytest.mark.parametrize(
    "bad",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//a.example", "https://", "https://a.example/ b",
     "https://a.example/\n", f"https://a.example/{'x' * 2048}"],
)  # fmt: skip
def test_an_address_other_than_http_or_https_is_cleared(bad: str) -> None:
    """Requirement I-22: a stored address is safe as the target of a link."""
    found = checked(pb.Page(url=bad, referrer=bad, title="T"))
    assert (found.page.url, found.page.referrer, found.page.title) == ("", "", "T")


def test_values_of_a_browser_are_cut_to_their_bounds() -> None:
    found = checked(pb.Page(title="a\x00b\n" + "t" * 1000), pb.Origin(user_agent="u" * 9000, region="r" * 9000))
    assert found.page.title.startswith("a b t")
    assert (len(found.page.title), len(found.origin.user_agent), len(found.origin.region)) == (300, 512, 100)


def test_a_time_outside_the_clock_slack_becomes_now() -> None:
    assert checked(at_ms=NOW - CLOCK_SLACK_MS).at == NOW - CLOCK_SLACK_MS
    assert [checked(at_ms=at).at for at in (0, -1, NOW - CLOCK_SLACK_MS - 1, 2**62)] == [NOW] * 4


def test_a_tab_of_an_earlier_gateway_counts_as_in_front_and_no_time_lies_ahead() -> None:
    def front_at(front_at_ms: int | None) -> int:
        navigated = pb.VisitorNavigated(front_at_ms=front_at_ms)
        moved = pb.SocketEvent(person="v", connection="c", at_ms=NOW, visitor_navigated=navigated)
        visitors, _ = reported_events(pb.ReportRequest(events=[moved]), "g1/1", NOW)
        (event,) = visitors["v"]
        assert isinstance(event, Navigated)
        return event.front_at

    assert [front_at(None), front_at(0), front_at(NOW + 5)] == [NOW, 0, NOW]


def test_each_persons_events_keep_their_order() -> None:
    events = [
        pb.SocketEvent(person=person, connection="c", visitor_navigated=pb.VisitorNavigated(page=pb.Page(title=title)))
        for person, title in (("v1", "1"), ("v2", "2"), ("v1", "3"))
    ]
    visitors, _ = reported_events(pb.ReportRequest(events=events), "g1/1", NOW)
    titles = {
        person: [event.page.title for event in found if isinstance(event, Navigated)]
        for person, found in visitors.items()
    }
    assert titles == {"v1": ["1", "3"], "v2": ["2"]}


@given(st.binary(max_size=300))
def test_any_bytes_are_accepted_or_refused(body: bytes) -> None:
    try:
        request = pb.ReportRequest.FromString(body)
    except Exception:  # noqa: BLE001 - gRPC itself refuses bytes that are no message
        return
    try:
        reported_events(request, "g1/1", NOW)
    except Refused:
        return


def test_a_title_keeps_no_marks_that_turn_the_text_around_it() -> None:
    """Also from an integration, whose reports do not pass the gateway."""
    assert checked(pb.Page(title="evil \u202egnp.exe\u202c \u2067x\u2069")).page.title == "evil gnp.exe x"
