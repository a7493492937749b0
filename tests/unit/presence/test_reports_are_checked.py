"""Everything in a report is checked: what our gateways make is refused when wrong, what a browser says is cut to bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palique.presence.v1 import presence_pb2 as pb

from kit.codes import Code, Refused
from services.presence.domain.visitor import Connected, Navigated
from services.presence.proto_mapping import CLOCK_SLACK_MS, EVENTS_LIMIT, reported

NOW = 1_767_225_600_000


def seen(page: pb.Page | None = None, origin: pb.Origin | None = None, at_ms: int = NOW) -> Connected:
    """A visitor's event after the check."""
    connected = pb.VisitorConnected(page=page or pb.Page(), origin=origin or pb.Origin())
    event = pb.SocketEvent(person="v1", connection="c1", at_ms=at_ms, visitor_connected=connected)
    visitors, _ = reported(pb.ReportRequest(events=[event]), "g1/1", NOW)
    found = visitors["v1"][0]
    assert isinstance(found, Connected)
    return found


@pytest.mark.parametrize("bad", ["", "a b", "x" * 65, "v/1", "$ne", "v.1", "v1\x00", "\u0661"])
def test_an_id_of_other_characters_is_refused(bad: str) -> None:
    for person, connection in ((bad, "c1"), ("v1", bad)):
        event = pb.SocketEvent(person=person, connection=connection, visitor_disconnected=pb.VisitorDisconnected())
        with pytest.raises(Refused, match=r"events\[0\]") as refused:
            reported(pb.ReportRequest(events=[event]), "g1/1", NOW)
        assert refused.value.code is Code.INVALID


def test_an_event_of_no_kind_and_a_status_of_no_meaning_are_refused() -> None:
    nothing = pb.SocketEvent(person="v1", connection="c1")
    status = pb.SocketEvent(person="a1", connection="c1", agent_chose_status=pb.AgentChoseStatus(status="busy"))
    country = pb.VisitorConnected(origin=pb.Origin(country="Germany"))
    origin = pb.SocketEvent(person="v1", connection="c1", visitor_connected=country)
    for bad in (nothing, status, origin):
        with pytest.raises(Refused) as refused:
            reported(pb.ReportRequest(events=[bad]), "g1/1", NOW)
        assert refused.value.code is Code.INVALID


def test_a_report_without_end_is_refused() -> None:
    event = pb.SocketEvent(person="v1", connection="c1", visitor_disconnected=pb.VisitorDisconnected())
    with pytest.raises(Refused) as refused:
        reported(pb.ReportRequest(events=[event] * (EVENTS_LIMIT + 1)), "g1/1", NOW)
    assert refused.value.code is Code.TOO_LARGE


@pytest.mark.parametrize(
    "bad",
    ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//a.example", "https://", "https://a.example/ b",
     "https://a.example/\n", f"https://a.example/{'x' * 2048}"],
)  # fmt: skip
def test_what_is_no_web_address_is_kept_as_none(bad: str) -> None:
    """I-22."""
    found = seen(pb.Page(url=bad, referrer=bad, title="T"))
    assert (found.page.url, found.page.referrer, found.page.title) == ("", "", "T")


def test_what_a_browser_says_of_itself_is_cut_to_bounds() -> None:
    found = seen(pb.Page(title="a\x00b\n" + "t" * 1000), pb.Origin(user_agent="u" * 9000, region="r" * 9000))
    assert found.page.title.startswith("a b t")
    assert (len(found.page.title), len(found.origin.user_agent), len(found.origin.region)) == (300, 512, 100)


def test_a_time_far_from_ours_becomes_ours() -> None:
    assert seen(at_ms=NOW - CLOCK_SLACK_MS).at == NOW - CLOCK_SLACK_MS
    assert [seen(at_ms=at).at for at in (0, -1, NOW - CLOCK_SLACK_MS - 1, 2**62)] == [NOW] * 4


def test_each_persons_events_keep_their_order() -> None:
    events = [
        pb.SocketEvent(person=person, connection="c", visitor_navigated=pb.VisitorNavigated(page=pb.Page(title=title)))
        for person, title in (("v1", "1"), ("v2", "2"), ("v1", "3"))
    ]
    visitors, _ = reported(pb.ReportRequest(events=events), "g1/1", NOW)
    titles = {
        person: [event.page.title for event in found if isinstance(event, Navigated)]
        for person, found in visitors.items()
    }
    assert titles == {"v1": ["1", "3"], "v2": ["2"]}


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_taken_and_nothing_else(body: bytes) -> None:
    try:
        request = pb.ReportRequest.FromString(body)
    except Exception:  # noqa: BLE001 - gRPC itself refuses what is no message
        return
    try:
        reported(request, "g1/1", NOW)
    except Refused:
        return
