"""A good ledger, and faults to put into it, each with the check that is there for it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.checking import Stored, check
from tests.faults.ledger import Acked, Applied, Invoked, Ledger, Line, MarkSeen, Reader, Refused, Reset, Unknown

TALKS = {"talk-a": "ann", "talk-b": "bob"}
AGENT = "ada"


@dataclass
class World:
    """A ledger and the logs at its end, free to be spoiled."""

    ledger: Ledger
    logs: dict[str, list[Line]] = field(default_factory=dict)
    api: dict[str, list[Line]] = field(default_factory=dict)
    tickets: dict[str, list[str]] = field(default_factory=dict)

    def stored(self) -> list[Stored]:
        return [
            Stored(talk, TALKS[talk], log, self.api[talk], frozenset({AGENT}), self.tickets.get(talk))
            for talk, log in self.logs.items()
        ]

    def found(self) -> set[str]:
        return {finding.check for finding in check(self.ledger, self.stored())}

    def swap_events(self, one: int, other: int) -> None:
        """The times stay where they are."""
        events = self.ledger.events
        (at, first), (later, second) = events[one], events[other]
        events[one], events[other] = (at, second), (later, first)

    def applied(self, reader: str, talk: str = "talk-a") -> list[int]:
        """Where in the events a reader shows entries of a talk."""
        return [
            position
            for position, (_, event) in enumerate(self.ledger.events)
            if isinstance(event, Applied) and event.reader == reader and event.line.conversation == talk
        ]


def good_world() -> World:
    """Two talks of six messages and a note each; a refusal, an unknown outcome that came good, marks, a reset, a ticket."""
    time = iter(range(10_000))
    world = World(Ledger(lambda: float(next(time))))
    ledger = world.ledger
    for visitor in TALKS.values():
        for tab in ("writes", "reads"):
            ledger.meet(Reader(f"{visitor} {tab}", visitor, is_agent=False, steady=True))
    ledger.meet(Reader("desk", AGENT, is_agent=True))
    for talk, visitor in TALKS.items():
        _hold(world, talk, visitor)
    return world


def _hold(world: World, talk: str, visitor: str) -> None:
    ledger = world.ledger
    log = world.logs.setdefault(talk, [])

    def show(line: Line) -> None:
        hidden = Line(*line[:3], "hidden") if line.kind == "note" else line
        for reader, shown in ((f"{visitor} writes", hidden), (f"{visitor} reads", hidden), ("desk", line)):
            ledger.note(Applied(reader, shown))

    opened = Line(talk, 1, 1, "opened", visitor)
    log.append(opened)
    show(opened)
    for seq in range(2, 9):
        writer = (visitor, AGENT)[seq % 2]
        line = Line(talk, 1, seq, "note" if seq == 7 else "message", writer, f"{talk} {seq}", f"Text {seq} of {talk}")
        ledger.note(Invoked(writer, line.client_id, line.text))
        if seq == 5:
            ledger.note(Unknown(line.client_id))
        log.append(line)
        ledger.note(Acked(line.client_id, talk, 1, seq, duplicate=seq == 5))
        show(line)
        ledger.note(MarkSeen(talk, visitor, seq, len(ledger.events)))
    ledger.note(Reset("desk", talk))
    for line in log:
        ledger.note(Applied("desk", line))
    ledger.note(Invoked(visitor, f"late {talk}", "Too late"))
    ledger.note(Refused(f"late {talk}", "closed"))
    world.api[talk] = list(log)
    world.tickets[talk] = [line.text for line in log if line.kind == "message"]


def drop_from_the_log(world: World) -> None:
    for logs in (world.logs, world.api):
        del logs["talk-a"][4]


def drop_the_last(world: World) -> None:
    for logs in (world.logs, world.api):
        del logs["talk-a"][-1]


def swap_in_the_log(world: World) -> None:
    log = world.logs["talk-a"]
    log[3], log[5] = log[3]._replace(seq=log[5].seq), log[5]._replace(seq=log[3].seq)
    log[3], log[5] = log[5], log[3]
    world.api["talk-a"] = list(log)


def double_in_the_log(world: World) -> None:
    for logs in (world.logs, world.api):
        logs["talk-a"].append(logs["talk-a"][3]._replace(seq=9))


def double_in_the_other_talk(world: World) -> None:
    for logs in (world.logs, world.api):
        logs["talk-b"].append(logs["talk-a"][3]._replace(conversation="talk-b", seq=9))


def alter_a_byte_in_the_log(world: World) -> None:
    for logs in (world.logs, world.api):
        logs["talk-a"][3] = logs["talk-a"][3]._replace(text="Text 4 of talk-A")


def alter_a_byte_on_the_api(world: World) -> None:
    world.api["talk-a"][3] = world.api["talk-a"][3]._replace(text="Text 4 of talk-A")


def add_a_message_never_sent(world: World) -> None:
    for logs in (world.logs, world.api):
        logs["talk-a"].append(Line("talk-a", 1, 9, "message", "ann", "nobody's", "Never said"))


def add_what_another_said(world: World) -> None:
    for logs in (world.logs, world.api):
        logs["talk-a"][2] = logs["talk-a"][2]._replace(author="ann")


def add_what_was_refused(world: World) -> None:
    for logs in (world.logs, world.api):
        logs["talk-a"].append(Line("talk-a", 1, 9, "message", "ann", "late talk-a", "Too late"))


def acknowledge_another_seq(world: World) -> None:
    events = world.ledger.events
    for position, (at, event) in enumerate(events):
        if isinstance(event, Acked) and event.seq == 4:
            events[position] = (at, event._replace(seq=5))


def acknowledge_before_it_was_taken(world: World) -> None:
    """The second was begun after the first was acknowledged, and stands before it."""
    events = world.ledger.events
    begun = next(
        at for at, (_, event) in enumerate(events) if isinstance(event, Invoked) and event.client_id == "talk-a 4"
    )
    moved = events.pop(begun)
    acked = next(
        at for at, (_, event) in enumerate(events) if isinstance(event, Acked) and event.client_id == "talk-a 5"
    )
    events.insert(acked + 1, moved)


def invoke_in_another_order(world: World) -> None:
    events = world.ledger.events
    first, second = (
        next(
            at
            for at, (_, event) in enumerate(events)
            if isinstance(event, Invoked) and event.client_id == f"talk-a {seq}"
        )
        for seq in (4, 6)
    )
    world.swap_events(first, second)


def reader_misses_one(world: World) -> None:
    del world.ledger.events[world.applied("ann reads")[3]]


def reader_misses_the_last(world: World) -> None:
    del world.ledger.events[world.applied("ann reads")[-1]]


def reader_shows_two_swapped(world: World) -> None:
    places = world.applied("ann reads")
    world.swap_events(places[3], places[4])


def reader_shows_one_twice(world: World) -> None:
    place = world.applied("ann reads")[3]
    world.ledger.events.insert(place, world.ledger.events[place])


def reader_shows_an_altered_byte(world: World) -> None:
    place = world.applied("ann reads")[3]
    at, event = world.ledger.events[place]
    assert isinstance(event, Applied)
    world.ledger.events[place] = (at, Applied(event.reader, event.line._replace(text="text 4 of talk-a")))


def reader_never_saw_anything(world: World) -> None:
    places = set(world.applied("ann reads"))
    world.ledger.events = [event for place, event in enumerate(world.ledger.events) if place not in places]


def reader_shows_another_talk(world: World) -> None:
    for line in world.logs["talk-b"]:
        world.ledger.note(Applied("ann reads", line if line.kind != "note" else Line(*line[:3], "hidden")))


def agent_shows_a_talk_of_others(world: World) -> None:
    world.ledger.readers["desk"].person = "another agent"


def visitor_sees_a_note(world: World) -> None:
    place = world.applied("ann reads")[6]
    at, event = world.ledger.events[place]
    assert isinstance(event, Applied)
    world.ledger.events[place] = (at, Applied(event.reader, world.logs["talk-a"][6]))


def message_is_hidden_from_a_visitor(world: World) -> None:
    place = world.applied("ann reads")[3]
    at, event = world.ledger.events[place]
    assert isinstance(event, Applied)
    world.ledger.events[place] = (at, Applied(event.reader, Line(*event.line[:3], "hidden")))


def mark_falls(world: World) -> None:
    world.ledger.note(MarkSeen("talk-a", "ann", 3, len(world.ledger.events)))


def ticket_misses_the_last(world: World) -> None:
    del world.tickets["talk-a"][-1]


def log_is_empty(world: World) -> None:
    for logs in (world.logs, world.api):
        logs["talk-a"].clear()


FAULTS: list[tuple[Callable[[World], None], str]] = [
    (drop_from_the_log, "acknowledged_is_there_once"),
    (drop_from_the_log, "log_is_dense"),
    (drop_the_last, "acknowledged_is_there_once"),
    (drop_the_last, "shown_is_the_log"),
    (log_is_empty, "acknowledged_is_there_once"),
    (swap_in_the_log, "acknowledged_is_there_once"),
    (swap_in_the_log, "writers_order_is_kept"),
    (swap_in_the_log, "shown_is_the_log"),
    (double_in_the_log, "acknowledged_is_there_once"),
    (double_in_the_log, "nothing_said_is_doubled"),
    (double_in_the_other_talk, "nothing_said_is_doubled"),
    (alter_a_byte_in_the_log, "acknowledged_is_there_once"),
    (alter_a_byte_in_the_log, "shown_is_the_log"),
    (alter_a_byte_on_the_api, "api_returns_the_log"),
    (add_a_message_never_sent, "nothing_unsaid_is_there"),
    (add_what_another_said, "nothing_unsaid_is_there"),
    (add_what_was_refused, "refused_is_not_there"),
    (acknowledge_another_seq, "acknowledged_is_there_once"),
    (acknowledge_before_it_was_taken, "acknowledged_comes_before_later"),
    (invoke_in_another_order, "writers_order_is_kept"),
    (reader_misses_one, "shown_is_the_log"),
    (reader_misses_the_last, "readers_are_whole"),
    (reader_shows_two_swapped, "shown_is_the_log"),
    (reader_shows_one_twice, "shown_is_the_log"),
    (reader_shows_an_altered_byte, "shown_is_the_log"),
    (reader_never_saw_anything, "readers_are_whole"),
    (reader_shows_another_talk, "readers_see_only_their_conversations"),
    (agent_shows_a_talk_of_others, "readers_see_only_their_conversations"),
    (visitor_sees_a_note, "readers_see_only_their_conversations"),
    (message_is_hidden_from_a_visitor, "shown_is_the_log"),
    (mark_falls, "marks_never_fall"),
    (ticket_misses_the_last, "tickets_hold_the_talk"),
]
