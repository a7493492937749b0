"""State of the model of the append path.

One conversation, opened at seq 1. A log is a tuple of (seq, message). The database is two logs: entries that a majority has, and entries
that only the primary has (`pending`), which a fail-over rolls back. All decisions are made by product code: `decide` and `fold` of chat,
the gateway's cursors and gap detector, the client's copy of a log.
"""

from functools import cache
from typing import NamedTuple

from services.chat.domain.commands import Close, Command, Decision, Write, decide
from services.chat.domain.log import Entry, Person, State, fold
from services.gateway.connection.cursors import Cursors, Delivery, Position
from services.gateway.fanout.gap_detector import GapDetector
from tests.support.log_copy import LogCopy

Placed = tuple[int, str]
Log = tuple[Placed, ...]
Publisher = tuple[int, int]  # process and boot: a process that starts again publishes under a new name
OPENED = 1
# Ends the conversation instead of writing into it.
CLOSE = "close"
EPOCH = 1


class Switches(NamedTuple):
    """Design errors that a test switches on; all off is the product."""

    acknowledges_at_once: bool = False  # w:1
    no_client_id_index: bool = False
    reads_tail_locally: bool = False  # read concern "local"
    counts_with_inc: bool = False  # a counter document gives the seq
    refuses_unlooked: bool = False  # without a look-up of the client id
    two_in_flight: bool = False
    applies_hints_as_they_come: bool = False
    ignores_gaps: bool = False  # in the numbers of hints


class Scope(NamedTuple):
    """Size of the model. `writers`: the messages of each writer, in order; a message is its own client id."""

    writers: tuple[tuple[str, ...], ...]
    processes: int = 2
    reader: bool = False
    faults: int = 1
    switches: Switches = Switches()


class Work(NamedTuple):
    """One message in a chat process. `step` is the next action of the process; `seq` that of the pending insert."""

    message: str
    step: str
    seq: int = 0


class Process(NamedTuple):
    """One chat process: `tail` is its cached log, `hints` wait to be published."""

    boot: int = 0
    tail: Log | None = ()
    work: Work | None = None
    hints: Log = ()
    number: int = 0


class Reader(NamedTuple):
    """Copy of a client that only reads. `head`: the highest seq it knows of; `page`: the response to its fetch, in flight."""

    entries: Log = ()
    ahead: Log = ()
    head: int = OPENED
    page: tuple[int, Log] | None = None


class Gateway(NamedTuple):
    """`known`: the last number of each publisher; `asked`: the head in a response in flight; the rest is the reader's cursor."""

    known: tuple[tuple[Publisher, int], ...] = ()
    behind: bool = False
    asked: int = 0
    seq: int = OPENED
    known_head: int = OPENED
    ahead: frozenset[int] = frozenset()


class World(NamedTuple):
    """The whole state. `out`: messages sent, each with the highest acknowledged seq at that time; `hints` are on the bus."""

    processes: tuple[Process, ...]
    faults: int
    majority: Log = ()
    pending: Log = ()
    counter: int = OPENED
    out: tuple[tuple[str, int], ...] = ()
    acked: Log = ()
    refused: tuple[str, ...] = ()
    hints: tuple[tuple[Publisher, int, Placed], ...] = ()
    gateway: Gateway = Gateway()
    reader: Reader = Reader()


def head_of(log: Log) -> int:
    return log[-1][0] if log else OPENED


# --- decisions of the product, as functions of values

VISITOR = Person("visitor", "vera")
CRM = Person("integration", "crm")
_RESERVED = State(site="s", id="c", visitor=VISITOR, opened_by=VISITOR, started_at_ms=0)
_OPEN = fold(_RESERVED, Entry(site="s", conversation_id="c", seq=OPENED, kind="opened", author=VISITOR, at_ms=0))


def _command(message: str) -> Command:
    return Close("s", CRM) if message == CLOSE else Write("s", VISITOR, "message", message, message)


@cache
def state_at(log: Log) -> State:
    """The fold at the end of a log; NotNext when it has a hole."""
    if not log:
        return _OPEN
    before = state_at(log[:-1])
    seq, message = log[-1]
    kind = "closed" if message == CLOSE else "message"
    return fold(before, Entry(site="s", conversation_id="c", seq=seq, kind=kind, author=VISITOR, at_ms=0))


@cache
def decision_at(log: Log, message: str) -> Decision:
    return decide(state_at(log), _command(message), 0)


@cache
def heard(
    known: tuple[tuple[Publisher, int], ...], publisher: Publisher, number: int
) -> tuple[bool, tuple[tuple[Publisher, int], ...]]:
    """True when the batch shows a gap, and the numbers known after it."""
    reader = GapDetector()
    for name, last in known:
        reader.observe(repr(name), last, 0)
    missed = reader.observe(repr(publisher), number, 0)
    last_known = dict(known)
    last_known[publisher] = max(number, last_known.get(publisher, number))
    return missed, tuple(sorted(last_known.items()))


def _cursors(gateway: Gateway) -> tuple[Cursors, Position]:
    cursors = Cursors()
    cursors.begin("c", EPOCH, gateway.seq, gateway.known_head)
    place = cursors.positions["c"]
    place.ahead = set(gateway.ahead) or None
    return cursors, place


def _with(gateway: Gateway, place: Position) -> Gateway:
    return gateway._replace(seq=place.seq, known_head=place.known_head, ahead=frozenset(place.ahead or ()))


@cache
def handed(gateway: Gateway, seq: int) -> tuple[bool, Gateway]:
    """True when the entry is sent to the reader, and the gateway after it."""
    cursors, place = _cursors(gateway)
    is_new = cursors.mark_delivered("c", EPOCH, seq) is Delivery.NEW
    return is_new, _with(gateway, place)


@cache
def head_due(gateway: Gateway, head: int) -> tuple[bool, Gateway]:
    """True when the head must be sent to the reader, and the gateway after it."""
    cursors, place = _cursors(gateway)
    must = cursors.needs_stale("c", EPOCH, head)
    return must, _with(gateway, place)


@cache
def paged(gateway: Gateway, after: int, last: int) -> Gateway:
    cursors, place = _cursors(gateway)
    cursors.mark_page_delivered("c", EPOCH, after, last)
    return _with(gateway, place)


@cache
def applied(reader: Reader, placed: Placed) -> Reader:
    """The client's copy after another entry."""
    copy = LogCopy(EPOCH, head_of(reader.entries))
    copy.ahead = {seq: {"seq": seq, "message": message} for seq, message in reader.ahead}
    copy.apply({"epoch": EPOCH, "seq": placed[0], "message": placed[1]})
    entries = reader.entries + tuple((entry["seq"], entry["message"]) for entry in copy.entries)
    ahead = tuple(sorted((seq, entry["message"]) for seq, entry in copy.ahead.items()))
    return reader._replace(entries=entries, ahead=ahead, head=max(reader.head, placed[0]))
