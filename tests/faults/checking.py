"""Checks the ledger against the promises of docs/guarantees.md. Pure: it maps events and stored logs to findings.

Each check is a function with one sentence that must be true; every finding names the violation.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tests.faults.ledger import Acked, Applied, Event, Invoked, Joined, Ledger, Line, MarkSeen, Refused, Reset

HIDDEN = "hidden"
# The kinds that people write; commands produce the others.
SAID = ("message", "note")


class Finding(NamedTuple):
    check: str
    detail: str


class Delay(NamedTuple):
    """The longest delay of an entry, and its reader."""

    seconds: float
    reader: str
    line: Line | None


class Stored(NamedTuple):
    """The final state of a conversation: its log in the database and over the API, its participants, and the lines of its ticket."""

    conversation: str
    visitor: str
    log: Sequence[Line]
    over_api: Sequence[Line]
    agents: frozenset[str] = frozenset()
    ticket: Sequence[str] | None = None


class Evidence:
    """The ledger, the logs, and the current view of each reader."""

    def __init__(self, ledger: Ledger, stored: Sequence[Stored]) -> None:
        self.readers = ledger.readers
        self.events: list[Event] = [event for _, event in ledger.events]
        self.stored = {one.conversation: one for one in stored}
        self.invoked = {event.client_id: event for event in self.events if isinstance(event, Invoked)}
        self.acked = [event for event in self.events if isinstance(event, Acked)]
        self.refused = {event.client_id for event in self.events if isinstance(event, Refused)}
        self.places: dict[str, list[Line]] = defaultdict(list)
        for one in stored:
            for line in one.log:
                if line.client_id:
                    self.places[line.client_id].append(line)
        self.shown = _shown(self.events)


Check = Callable[[Evidence], Iterator[str]]


def acknowledged_is_there_once(evidence: Evidence) -> Iterator[str]:
    """Every acknowledged message is in the log once, unchanged, at the acknowledged seq."""
    for ack in evidence.acked:
        places = evidence.places.get(ack.client_id, [])
        said = evidence.invoked.get(ack.client_id)
        if len(places) != 1:
            yield f"{ack} stands {len(places)} times"
        elif places[0][:3] != (ack.conversation, ack.epoch, ack.seq):
            yield f"{ack} stands at {places[0][:3]}"
        elif said is None or places[0].text != said.text:
            yield f"{ack} reads {places[0].text!r}, said was {said and said.text!r}"


def log_is_dense(evidence: Evidence) -> Iterator[str]:
    """A log's seqs are 1 … n."""
    for one in evidence.stored.values():
        seqs = [line.seq for line in one.log]
        if seqs != list(range(1, len(seqs) + 1)):
            yield f"{one.conversation} has {seqs}"


def api_returns_the_log(evidence: Evidence) -> Iterator[str]:
    """The API returns the log that the database has."""
    for one in evidence.stored.values():
        if list(one.over_api) != list(one.log):
            yield f"{one.conversation}: {_first_difference(one.over_api, one.log)}"


def nothing_unsaid_is_there(evidence: Evidence) -> Iterator[str]:
    """The log has no message that was never sent, and none with a wrong author."""
    for one in evidence.stored.values():
        for line in one.log:
            said = evidence.invoked.get(line.client_id)
            if line.kind in SAID and (said is None or said.writer != line.author or said.text != line.text):
                yield f"{line} was never said so: {said}"


def nothing_said_is_doubled(evidence: Evidence) -> Iterator[str]:
    """A client id has one entry, over all conversations."""
    for client_id, places in evidence.places.items():
        if len(places) > 1:
            yield f"{client_id} stands at {[place[:3] for place in places]}"


def refused_is_not_there(evidence: Evidence) -> Iterator[str]:
    """A message with a final refusal is in no log."""
    for client_id in evidence.refused & evidence.places.keys():
        yield f"{client_id} was refused and stands at {[place[:3] for place in evidence.places[client_id]]}"


def writers_order_is_kept(evidence: Evidence) -> Iterator[str]:
    """The messages of one writer are in the order of sending."""
    last: dict[tuple[str, str], Line] = {}
    for invoked in evidence.invoked.values():
        for line in evidence.places.get(invoked.client_id, ()):
            before = last.get((invoked.writer, line.conversation))
            if before is not None and before.seq >= line.seq:
                yield f"{invoked.writer} said {before} before {line}"
            last[invoked.writer, line.conversation] = line


def acknowledged_comes_before_later(evidence: Evidence) -> Iterator[str]:
    """A message that was acknowledged before another one was sent, by any writer, precedes it."""
    highest: dict[str, int] = defaultdict(int)
    floor: dict[str, dict[str, int]] = {}
    for event in evidence.events:
        if isinstance(event, Acked):
            highest[event.conversation] = max(highest[event.conversation], event.seq)
        elif isinstance(event, Invoked):
            for line in evidence.places.get(event.client_id, ()):
                floor.setdefault(event.client_id, {})[line.conversation] = highest[line.conversation]
    for client_id, floors in floor.items():
        for line in evidence.places[client_id]:
            if line.seq <= floors.get(line.conversation, 0):
                yield f"{line} stands before seq {floors[line.conversation]}, acknowledged before it was begun"


def shown_is_the_log(evidence: Evidence) -> Iterator[str]:
    """A reader shows the beginning of the log, each entry once, in order."""
    for (reader, conversation), lines in evidence.shown.items():
        one = evidence.stored.get(conversation)
        log = one.log if one else []
        for position, line in enumerate(lines):
            if position >= len(log) or not _same(line, log[position]):
                there = log[position] if position < len(log) else None
                yield f"{reader} shows {line} where the log has {there}"
                break


def readers_are_whole(evidence: Evidence) -> Iterator[str]:
    """After the load ends, every reader shows each of its logs up to the head; a visitor also the newest log."""
    newest = {one.visitor: one.conversation for one in evidence.stored.values() if one.log}
    wanted = {
        (reader.name, newest[reader.person])
        for reader in evidence.readers.values()
        if not reader.is_agent and reader.person in newest
    }
    for reader, conversation in evidence.shown.keys() | wanted:
        one = evidence.stored.get(conversation)
        shown = len(evidence.shown.get((reader, conversation), ()))
        if one is not None and shown < len(one.log):
            yield f"{reader} shows {shown} of {len(one.log)} of {conversation}"


def readers_see_only_their_conversations(evidence: Evidence) -> Iterator[str]:
    """A visitor sees only their own conversations and no note; an agent sees only conversations that they are in."""
    for (name, conversation), lines in evidence.shown.items():
        reader = evidence.readers[name]
        one = evidence.stored.get(conversation)
        allowed = one is not None and (reader.person in one.agents if reader.is_agent else reader.person == one.visitor)
        if not allowed:
            yield f"{name} ({reader.person}) shows {conversation}"
        if not reader.is_agent and any(line.kind == "note" for line in lines):
            yield f"{name} shows a note of {conversation}"


def marks_never_fall(evidence: Evidence) -> Iterator[str]:
    """A read mark never decreases in a later snapshot."""
    seen: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for position, event in enumerate(evidence.events):
        if isinstance(event, MarkSeen):
            before = seen[event.conversation, event.person]
            highest = max((seq for at, seq in before if at < event.asked_at), default=0)
            if event.seq < highest:
                yield f"{event} after {highest}"
            before.append((position, event.seq))


def tickets_hold_the_talk(evidence: Evidence) -> Iterator[str]:
    """The ticket of a closed conversation has all its messages, each once, in order."""
    for one in evidence.stored.values():
        if one.ticket is not None and list(one.ticket) != _messages(one):
            yield f"{one.conversation}: the ticket has {len(one.ticket)} of {len(_messages(one))} lines, or others"


CHECKS: Sequence[Check] = (
    acknowledged_is_there_once,
    log_is_dense,
    api_returns_the_log,
    nothing_unsaid_is_there,
    nothing_said_is_doubled,
    refused_is_not_there,
    writers_order_is_kept,
    acknowledged_comes_before_later,
    shown_is_the_log,
    readers_are_whole,
    readers_see_only_their_conversations,
    marks_never_fall,
    tickets_hold_the_talk,
)


def check(ledger: Ledger, stored: Sequence[Stored]) -> list[Finding]:
    """All findings; empty when every promise holds. `stored` has every conversation of the ledger's visitors, oldest first."""
    evidence = Evidence(ledger, stored)
    return [Finding(one.__name__, detail) for one in CHECKS for detail in one(evidence)]


def tickets_are_whole(stored: Sequence[Stored]) -> bool:
    """True when a longer wait would change nothing."""
    return all(one.ticket is None or list(one.ticket) == _messages(one) for one in stored)


def answer_times_s(ledger: Ledger, begin: float, end: float) -> list[float]:
    """Times from sending to acknowledgement of messages sent between two times of the ledger's clock, shortest first."""
    sent = {event.client_id: at for at, event in ledger.events if isinstance(event, Invoked) and begin <= at < end}
    return sorted(
        at - sent[event.client_id]
        for at, event in ledger.events
        if isinstance(event, Acked) and event.client_id in sent
    )


def longest_delay(ledger: Ledger) -> Delay:
    """The longest time from an acknowledgement until a steady reader showed the entry; of no seconds when there was none.

    An agent's begins when the conversation became theirs, if that was later.
    """
    acked = {(event.conversation, event.seq): at for at, event in ledger.events if isinstance(event, Acked)}
    joined = {(event.person, event.conversation): at for at, event in ledger.events if isinstance(event, Joined)}
    longest = Delay(0.0, "", None)
    for at, event in ledger.events:
        if not isinstance(event, Applied) or not ledger.readers[event.reader].steady:
            continue
        line = event.line
        began = acked.get((line.conversation, line.seq))
        if began is not None:
            began = max(began, joined.get((ledger.readers[event.reader].person, line.conversation), began))
            longest = max(longest, Delay(at - began, event.reader, line), key=lambda delay: delay.seconds)
    return longest


def _shown(events: Sequence[Event]) -> Mapping[tuple[str, str], list[Line]]:
    shown: dict[tuple[str, str], list[Line]] = {}
    for event in events:
        if isinstance(event, Applied):
            shown.setdefault((event.reader, event.line.conversation), []).append(event.line)
        elif isinstance(event, Reset):
            shown.pop((event.reader, event.conversation), None)
    return shown


def _messages(one: Stored) -> list[str]:
    return [line.text for line in one.log if line.kind == "message"]


def _same(line: Line, entry: Line) -> bool:
    """True when a reader shows this entry; a hidden entry has only its seq."""
    if line.kind == HIDDEN:
        return line[:3] == entry[:3] and entry.kind == "note"
    return line == entry


def _first_difference(one: Sequence[Line], other: Sequence[Line]) -> str:
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return f"{mine} is not {theirs}"
    return f"{len(one)} entries are not {len(other)}"
