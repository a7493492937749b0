"""A visitor's presence as a machine: what must hold for every course of events."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.presence.domain.pages import Page
from services.presence.domain.visitor import (
    IDLE_MS,
    LINGER_MS,
    Chat,
    ChatTold,
    Connected,
    Disconnected,
    Event,
    LeasesLapsed,
    Navigated,
    Origin,
    Tick,
    Visitor,
    newcomer,
    step,
)
from services.presence.domain.visitor_row import row_of

START = 1_767_225_600_000
CONNECTIONS = ("c1", "c2", "c3")
LEASES = ("g1/1", "g2/1")
URLS = ("https://shop.example/", "https://shop.example/tea", "")


def page(at: int, url: str = URLS[0]) -> Page:
    return Page(at, url, "A page" if url else "")


def connect(connection: str, at: int = START, url: str = URLS[0], lease: str = LEASES[0]) -> Connected:
    return Connected(connection, lease, at, page(at, url), Origin(region="Spain"))


def navigate(connection: str, at: int, url: str = URLS[1]) -> Navigated:
    return Navigated(connection, at, page(at, url))


def after(*events: Event, now: int = START, visitor: Visitor | None = None) -> Visitor:
    found = visitor or newcomer("acme", "v1", START)
    for event in events:
        found = step(found, event, now)
    return found


KINDS = ("connect", "connect", "navigate", "navigate", "disconnect", "lapse")
STEPS_MS = (1, 700, 4_000, 30_000, 90_000, IDLE_MS)
Drawn = tuple[str, int, str, str, str]
DRAWN = st.tuples(*(st.sampled_from(choices) for choices in (KINDS, STEPS_MS, CONNECTIONS, URLS, LEASES)))


def course_of(drawn: list[Drawn]) -> list[tuple[int, Event]]:
    """Events in the order of time, as gateways tell them: of each connection, that it connected comes first."""
    now = START
    course: list[tuple[int, Event]] = []
    known: set[str] = set()
    for kind, pause, connection, url, lease in drawn:
        now += pause
        match kind:
            case "connect":
                known.add(connection)
                course.append((now, connect(connection, now, url, lease)))
            case "navigate" if connection in known:
                course.append((now, navigate(connection, now, url)))
            case "disconnect":
                course.append((now, Disconnected(connection)))
            case "lapse":
                course.append((now, LeasesLapsed(frozenset({lease}))))
    return course


courses = st.lists(DRAWN, max_size=25).map(course_of)


class Expected:
    """Who is there, told in the plainest way: live sockets, and until when an empty chair is kept."""

    def __init__(self) -> None:
        self.live: dict[str, str] = {}
        self.ended: set[str] = set()
        self.kept_until = 0

    def take(self, now: int, event: Event) -> None:
        was_there = bool(self.live)
        match event:
            case Connected() if event.connection not in self.ended:
                self.live[event.connection] = event.lease
            case Disconnected():
                self.ended.add(event.connection)
                self.live.pop(event.connection, None)
            case LeasesLapsed():
                self.live = {known: lease for known, lease in self.live.items() if lease not in event.leases}
        if was_there and not self.live:
            self.kept_until = now + LINGER_MS

    def is_online(self, now: int) -> bool:
        return bool(self.live) or now < self.kept_until


@given(courses)
def test_a_row_is_there_exactly_while_a_socket_is_or_the_linger_lasts(course: list[tuple[int, Event]]) -> None:
    """I-11, I-12: for every order of events, repeats and silent gateways included; and a visit is one stretch of being there."""
    visitor, expected, visits, was_online = newcomer("acme", "v1", START), Expected(), 0, False
    for now, event in course:
        visitor = step(visitor, Tick(), now)
        assert (row_of(visitor) is not None) == expected.is_online(now)
        was_online = visitor.online is not None
        visitor = step(visitor, event, now)
        expected.take(now, event)
        assert (row_of(visitor) is not None) == expected.is_online(now)
        visits += visitor.online is not None and not was_online
        assert visitor.visits == visits


@given(courses)
def test_a_report_that_comes_again_changes_nothing(course: list[tuple[int, Event]]) -> None:
    """A report has one lease, that of its gateway."""
    events = [_of_one_gateway(event) for _, event in course if not isinstance(event, LeasesLapsed)]
    now = course[-1][0] if course else START
    once = after(*events, now=now)
    assert after(*events, now=now + 1_000, visitor=once) is once


def _of_one_gateway(event: Event) -> Event:
    return replace(event, lease=LEASES[0]) if isinstance(event, Connected) else event


@given(st.permutations([connect("c1"), connect("c2", lease=LEASES[1]), Disconnected("c1"), connect("c1")]))
def test_an_ended_connection_stays_ended_whatever_came_first(events: list[Event]) -> None:
    assert {socket.connection for socket in after(*events).sockets.live} == {"c2"}


@given(courses, st.text(max_size=5), st.integers(1, 5))
def test_presence_never_touches_the_profile(course: list[tuple[int, Event]], name: str, version: int) -> None:
    """I-13."""
    visitor = replace(newcomer("acme", "v1", START), name=name, bio="b", version=version)
    for now, event in course:
        visitor = step(step(visitor, event, now), Tick(), now)
    assert (visitor.name, visitor.bio, visitor.version) == (name, "b", version)


def test_reload_page_change_and_second_tab_are_one_visit() -> None:
    """I-11, S-21."""
    visitor = after(connect("c1"), connect("c2", START + 1), Disconnected("c1"), now=START + 2)
    visitor = after(Disconnected("c2"), now=START + 3, visitor=visitor)
    visitor = after(Tick(), connect("c3", START + 9_000, URLS[1]), now=START + 9_000, visitor=visitor)
    visitor = after(Tick(), now=START + 60_000, visitor=visitor)
    assert visitor.online is not None
    assert (visitor.visits, visitor.online.since) == (1, START)
    assert visitor.online.page.url == URLS[1]


def test_coming_back_after_the_linger_is_a_further_visit() -> None:
    """S-21."""
    visitor = after(connect("c1"), Disconnected("c1"))
    visitor = after(Tick(), now=START + LINGER_MS, visitor=visitor)
    assert visitor.online is None
    visitor = after(connect("c2", START + 20_000), now=START + 20_000, visitor=visitor)
    assert visitor.online is not None
    assert (visitor.visits, visitor.online.since) == (2, START + 20_000)


def test_a_late_navigation_of_an_ended_connection_changes_nothing() -> None:
    visitor = after(connect("c1"), connect("c2"), Disconnected("c1"))
    assert after(navigate("c1", START + 5), Disconnected("c1"), connect("c1", START + 6), visitor=visitor) is visitor


def test_a_gateway_that_comes_back_brings_its_visitors_back_within_the_linger() -> None:
    visitor = after(connect("c1", lease="g1/1"))
    visitor = after(LeasesLapsed(frozenset({"g1/1"})), now=START + 25_000, visitor=visitor)
    visitor = after(connect("c1", lease="g1/2"), now=START + 30_000, visitor=visitor)
    visitor = after(Tick(), LeasesLapsed(frozenset({"g1/1"})), now=START + 90_000, visitor=visitor)
    assert visitor.online is not None
    assert visitor.online.leaves_at is None
    assert visitor.visits == 1


def test_idle_after_five_minutes_without_a_page_and_browsing_with_the_next() -> None:
    visitor = after(connect("c1"))
    assert after(Tick(), now=START + IDLE_MS - 1, visitor=visitor) is visitor
    idle = after(Tick(), now=START + IDLE_MS, visitor=visitor)
    assert idle.state == "idle"
    assert after(navigate("c1", START + IDLE_MS + 5), visitor=idle).state == "browsing"


def test_a_chat_shows_before_everything_else() -> None:
    """S-38, S-39."""
    visitor = after(connect("c1"), Tick(), now=START + IDLE_MS)
    waiting = after(ChatTold(Chat("k1", 1, "waiting"), 1), visitor=visitor)
    active = after(ChatTold(Chat("k1", 2, "active"), 1), visitor=waiting)
    closed = after(ChatTold(Chat("k1", 9, "closed"), 1), visitor=active)
    assert [one.state for one in (waiting, active, closed)] == ["waiting", "chatting", "idle"]


@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=5))
def test_facts_of_chat_in_any_order_and_doubled_end_the_same(order: list[int], repeats: list[int]) -> None:
    """S-22: late and doubled facts change nothing."""
    facts = [
        ChatTold(Chat("k1", 1, "waiting"), 1),
        ChatTold(Chat("k1", 2, "active"), 1),
        ChatTold(Chat("k1", 7, "closed"), 1),
        ChatTold(Chat("k2", 1, "waiting"), 2),
        ChatTold(Chat("k2", 2, "active"), 2),
    ]
    visitor = after(connect("c1"), *(facts[index] for index in [*order, *repeats]))
    assert (visitor.chat, visitor.chats, visitor.state) == (Chat("k2", 2, "active"), 2, "chatting")
