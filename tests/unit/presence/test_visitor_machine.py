"""The state machine of a visitor: invariants for every sequence of events, and examples."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from services.presence.domain.visitor import (
    IDLE_MS,
    LINGER_MS,
    Chat,
    ChatChanged,
    Connected,
    Disconnected,
    Event,
    LeasesLapsed,
    Tick,
    apply_event,
    new_visitor,
)
from services.presence.domain.visitor_row import row_of
from tests.unit.presence.visitor_events import CONNECTIONS, LEASES, START, URLS, after, connect, navigate

KINDS = ("connect", "connect", "navigate", "navigate", "disconnect", "lapse")
STEPS_MS = (1, 700, 4_000, 30_000, 90_000, IDLE_MS)
Drawn = tuple[str, int, str, str, str]
DRAWN = st.tuples(*(st.sampled_from(choices) for choices in (KINDS, STEPS_MS, CONNECTIONS, URLS, LEASES)))


def sequence_of(drawn: list[Drawn]) -> list[tuple[int, Event]]:
    """Events in the order of time, as gateways report them: each connection begins with its connect."""
    now = START
    sequence: list[tuple[int, Event]] = []
    known: set[str] = set()
    for kind, pause, connection, url, lease in drawn:
        now += pause
        match kind:
            case "connect":
                known.add(connection)
                sequence.append((now, connect(connection, now, url, lease)))
            case "navigate" if connection in known:
                sequence.append((now, navigate(connection, now, url)))
            case "disconnect":
                sequence.append((now, Disconnected(connection)))
            case "lapse":
                sequence.append((now, LeasesLapsed(frozenset({lease}))))
    return sequence


sequences = st.lists(DRAWN, max_size=25).map(sequence_of)


class Expected:
    """A simple model of online: the live connections, and the end of the linger after the last one."""

    def __init__(self) -> None:
        self.live: dict[str, str] = {}
        self.ended: set[str] = set()
        self.lingers_until = 0

    def apply(self, now: int, event: Event) -> None:
        was_live = bool(self.live)
        match event:
            case Connected() if event.connection_id not in self.ended:
                self.live[event.connection_id] = event.lease_id
            case Disconnected():
                self.ended.add(event.connection_id)
                self.live.pop(event.connection_id, None)
            case LeasesLapsed():
                self.live = {known: lease for known, lease in self.live.items() if lease not in event.lease_ids}
        if was_live and not self.live:
            self.lingers_until = now + LINGER_MS

    def is_online(self, now: int) -> bool:
        return bool(self.live) or now < self.lingers_until


@given(sequences)
def test_a_visitor_is_online_while_a_connection_is_live_or_the_linger_lasts(sequence: list[tuple[int, Event]]) -> None:
    """Requirements I-11, I-12: for every order of events, with repeats and lapsed leases. A visit is one online period."""
    visitor, expected, visits, was_online = new_visitor("acme", "v1", START), Expected(), 0, False
    for now, event in sequence:
        visitor = apply_event(visitor, Tick(), now)
        assert (row_of(visitor) is not None) == expected.is_online(now)
        was_online = visitor.online is not None
        visitor = apply_event(visitor, event, now)
        expected.apply(now, event)
        assert (row_of(visitor) is not None) == expected.is_online(now)
        visits += visitor.online is not None and not was_online
        assert visitor.visits == visits


@given(sequences)
def test_a_repeated_report_changes_nothing(sequence: list[tuple[int, Event]]) -> None:
    """All events of a report have the lease of its gateway."""
    events = [_of_one_gateway(event) for _, event in sequence if not isinstance(event, LeasesLapsed)]
    now = sequence[-1][0] if sequence else START
    once = after(*events, now=now)
    assert after(*events, now=now + 1_000, visitor=once) is once


def _of_one_gateway(event: Event) -> Event:
    return replace(event, lease_id=LEASES[0]) if isinstance(event, Connected) else event


@given(st.permutations([connect("c1"), connect("c2", lease=LEASES[1]), Disconnected("c1"), connect("c1")]))
def test_an_ended_connection_stays_ended_for_every_order_of_events(events: list[Event]) -> None:
    assert {connection.id for connection in after(*events).connections.live} == {"c2"}


@given(sequences, st.text(max_size=5), st.integers(1, 5))
def test_events_do_not_change_the_profile(sequence: list[tuple[int, Event]], name: str, version: int) -> None:
    """Requirement I-13: presence and profile are independent."""
    visitor = replace(new_visitor("acme", "v1", START), name=name, bio="b", version=version)
    for now, event in sequence:
        visitor = apply_event(apply_event(visitor, event, now), Tick(), now)
    assert (visitor.name, visitor.bio, visitor.version) == (name, "b", version)


def test_reload_page_change_and_second_tab_are_one_visit() -> None:
    """Requirements I-11, S-21: a visit lasts until the linger after the last connection."""
    visitor = after(connect("c1"), connect("c2", START + 1), Disconnected("c1"), now=START + 2)
    visitor = after(Disconnected("c2"), now=START + 3, visitor=visitor)
    visitor = after(Tick(), connect("c3", START + 9_000, URLS[1]), now=START + 9_000, visitor=visitor)
    visitor = after(Tick(), now=START + 60_000, visitor=visitor)
    assert visitor.online is not None
    assert (visitor.visits, visitor.online.since) == (1, START)
    assert visitor.online.page.url == URLS[1]


def test_a_connection_after_the_linger_begins_a_second_visit() -> None:
    """Requirement S-21: visits are counted."""
    visitor = after(connect("c1"), Disconnected("c1"))
    visitor = after(Tick(), now=START + LINGER_MS, visitor=visitor)
    assert visitor.online is None
    visitor = after(connect("c2", START + 20_000), now=START + 20_000, visitor=visitor)
    assert visitor.online is not None
    assert (visitor.visits, visitor.online.since) == (2, START + 20_000)


def test_a_late_navigation_of_an_ended_connection_changes_nothing() -> None:
    visitor = after(connect("c1"), connect("c2"), Disconnected("c1"))
    assert after(navigate("c1", START + 5), Disconnected("c1"), connect("c1", START + 6), visitor=visitor) is visitor


def test_a_gateway_with_a_new_lease_reports_its_visitors_again_within_the_linger() -> None:
    visitor = after(connect("c1", lease="g1/1"))
    visitor = after(LeasesLapsed(frozenset({"g1/1"})), now=START + 25_000, visitor=visitor)
    visitor = after(connect("c1", lease="g1/2"), now=START + 30_000, visitor=visitor)
    visitor = after(Tick(), LeasesLapsed(frozenset({"g1/1"})), now=START + 90_000, visitor=visitor)
    assert visitor.online is not None
    assert visitor.online.leaves_at is None
    assert visitor.visits == 1


def test_a_visitor_is_idle_after_five_minutes_without_a_page_until_the_next_page() -> None:
    visitor = after(connect("c1"))
    assert after(Tick(), now=START + IDLE_MS - 1, visitor=visitor) is visitor
    idle = after(Tick(), now=START + IDLE_MS, visitor=visitor)
    assert idle.state == "idle"
    assert after(navigate("c1", START + IDLE_MS + 5), visitor=idle).state == "browsing"


def test_the_state_of_an_open_chat_comes_before_idle() -> None:
    """Requirements S-38, S-39: waiting and chatting visitors are visible as such."""
    visitor = after(connect("c1"), Tick(), now=START + IDLE_MS)
    waiting = after(ChatChanged(Chat("k1", 1, "waiting"), 1), visitor=visitor)
    active = after(ChatChanged(Chat("k1", 2, "active"), 1), visitor=waiting)
    closed = after(ChatChanged(Chat("k1", 9, "closed"), 1), visitor=active)
    assert [one.state for one in (waiting, active, closed)] == ["waiting", "chatting", "idle"]


@given(st.permutations(range(5)), st.lists(st.integers(0, 4), max_size=5))
def test_duplicate_and_reordered_facts_of_chat_give_the_same_state(order: list[int], repeats: list[int]) -> None:
    """Requirement S-22: the state follows the newest entry of the newest conversation."""
    facts = [
        ChatChanged(Chat("k1", 1, "waiting"), 1),
        ChatChanged(Chat("k1", 2, "active"), 1),
        ChatChanged(Chat("k1", 7, "closed"), 1),
        ChatChanged(Chat("k2", 1, "waiting"), 2),
        ChatChanged(Chat("k2", 2, "active"), 2),
    ]
    visitor = after(connect("c1"), *(facts[index] for index in [*order, *repeats]))
    assert (visitor.chat, visitor.chats, visitor.state) == (Chat("k2", 2, "active"), 2, "chatting")
