"""Unconfirmed events: kept in order, repeated unchanged, compacted to the same outcome."""

from hypothesis import given
from hypothesis import strategies as st
from palique.presence.v1.presence_pb2 import (
    Page,
    SocketEvent,
    VisitorConnected,
    VisitorDisconnected,
    VisitorNavigated,
)

from services.gateway.presence.report_queue import MAX_WAITING, ReportQueue, compact


def came(connection: str, url: str = "") -> SocketEvent:
    return SocketEvent(connection=connection, visitor_connected=VisitorConnected(page=Page(url=url)))


def went(connection: str, url: str) -> SocketEvent:
    return SocketEvent(connection=connection, visitor_navigated=VisitorNavigated(page=Page(url=url)))


def left(connection: str) -> SocketEvent:
    return SocketEvent(connection=connection, visitor_disconnected=VisitorDisconnected())


def test_a_batch_is_the_same_until_it_is_confirmed() -> None:
    queue = ReportQueue()
    queue.add(came("a"))
    first = queue.batch()
    queue.add(left("a"))
    assert list(queue.batch()) == list(first) == [came("a")]
    queue.confirm(first)
    assert list(queue.batch()) == [left("a")]


def test_a_confirmation_from_before_a_reset_confirms_nothing() -> None:
    queue = ReportQueue()
    queue.add(came("a"))
    old = queue.batch()
    queue.reset([came("a"), came("b")])
    queue.batch()
    queue.confirm(old)
    assert list(queue.batch()) == [came("a"), came("b")]


def test_the_queue_is_bounded_by_the_number_of_connections() -> None:
    queue = ReportQueue()
    for number in range(10 * MAX_WAITING):
        connection = str(number % 7)
        queue.add(went(connection, str(number)))
    assert len(queue) <= MAX_WAITING + 1


STEPS = st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 9)))


@given(st.sets(st.sampled_from("abc")), STEPS)
def test_compact_it_has_the_same_outcome(known: set[str], steps: list[tuple[str, bool, int]]) -> None:
    """The online visitors and their pages in a presence that knew `known` before. No connection is listed twice."""
    events: list[SocketEvent] = []
    there, ended = set(known), set[str]()
    for connection, leaves, number in steps:
        if connection in ended:
            continue
        if connection not in there:
            events.append(came(connection, str(number)))
            there.add(connection)
        elif leaves:
            events.append(left(connection))
            ended.add(connection)
        else:
            events.append(went(connection, str(number)))
    short = compact(events)
    assert outcome(known, short) == outcome(known, events)
    assert len(short) <= 2 * 3


def outcome(known: set[str], events: list[SocketEvent]) -> dict[str, str]:
    pages = dict.fromkeys(known, "before")
    for event in events:
        match event.WhichOneof("event"):
            case "visitor_connected":
                pages[event.connection] = event.visitor_connected.page.url
            case "visitor_navigated":
                if event.connection in pages:
                    pages[event.connection] = event.visitor_navigated.page.url
            case _:
                pages.pop(event.connection, None)
    return pages
