"""What the model of the append path is made of, and what must be true of it in every state.

One conversation, opened at seq 1. A log is a tuple of places (seq, message). The database is two logs: what a majority has, and what
only the primary has (`pending`), which a fail-over takes back. Everything that decides is the product's: `decide` and `fold` of the chat
service, the gateway's cursors, the numbers of hints, the client's copy of a log.
"""

from functools import cache
from typing import NamedTuple

from services.chat.domain.commands import Close, Command, Decision, Write, decide
from services.chat.domain.log import Entry, Person, State, fold
from services.gateway.connection.cursors import Cursors, Delivery, Position
from services.gateway.fanout.gap_detector import GapDetector
from tests.system.log_copy import LogCopy

Placed = tuple[int, str]
Log = tuple[Placed, ...]
Publisher = tuple[int, int]  # process and boot: a process that starts again publishes under a new name
OPENED = 1
# Ends the conversation instead of writing into it.
CLOSE = "close"
EPOCH = 1


class Switches(NamedTuple):
    """Ways to build it wrongly; all off is the product."""

    acknowledges_at_once: bool = False  # w:1
    no_client_id_index: bool = False
    reads_tail_locally: bool = False  # read concern "local"
    counts_with_inc: bool = False  # a counter document gives the seq
    refuses_unlooked: bool = False  # without asking whether the message is there already
    two_in_flight: bool = False
    applies_hints_as_they_come: bool = False
    ignores_gaps: bool = False  # in the numbers of hints


class Scope(NamedTuple):
    """How much there is of everything. `writers`: the messages of each, in the order written; ids tell them apart."""

    writers: tuple[tuple[str, ...], ...]
    processes: int = 2
    reader: bool = False
    faults: int = 1
    switches: Switches = Switches()


class Work(NamedTuple):
    """One message in a process of chat. `step` is what the process does next; `seq` where the insert stands that it waits for."""

    message: str
    step: str
    seq: int = 0


class Process(NamedTuple):
    """One process of chat: `tail` is the log as it last heard of it, `hints` wait to be published."""

    boot: int = 0
    tail: Log | None = ()
    work: Work | None = None
    hints: Log = ()
    number: int = 0


class Reader(NamedTuple):
    """The copy of a client that only reads. `head`: how far it heard that the log goes; `page`: the answer to its fetch, on its way."""

    entries: Log = ()
    ahead: Log = ()
    head: int = OPENED
    page: tuple[int, Log] | None = None


class Gateway(NamedTuple):
    """`known`: the last number of each publisher; `asked`: the head that an answer on its way tells; the rest is the reader's cursor."""

    known: tuple[tuple[Publisher, int], ...] = ()
    behind: bool = False
    asked: int = 0
    seq: int = OPENED
    told: int = OPENED
    ahead: frozenset[int] = frozenset()


class World(NamedTuple):
    """Everything at one moment. `out`: sent at least once, and the highest acknowledged seq at that time; `hints` are on the bus."""

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


# --- the product's own decisions, as functions of values

VISITOR = Person("visitor", "vera")
OTHERS = Person("integration", "crm")
_RESERVED = State(site="s", conversation="c", visitor=VISITOR, opened_by=VISITOR, started_at_ms=0)
_OPEN = fold(_RESERVED, Entry(site="s", conversation="c", seq=OPENED, kind="opened", author=VISITOR, at_ms=0))


def _command(message: str) -> Command:
    return Close("s", OTHERS) if message == CLOSE else Write("s", VISITOR, "message", message, message)


@cache
def state_at(log: Log) -> State:
    """The fold at the end of a log; NotNext when it has a hole."""
    if not log:
        return _OPEN
    before = state_at(log[:-1])
    seq, message = log[-1]
    kind = "closed" if message == CLOSE else "message"
    return fold(before, Entry(site="s", conversation="c", seq=seq, kind=kind, author=VISITOR, at_ms=0))


@cache
def decision_at(log: Log, message: str) -> Decision:
    return decide(state_at(log), _command(message), 0)


@cache
def heard(
    known: tuple[tuple[Publisher, int], ...], publisher: Publisher, number: int
) -> tuple[bool, tuple[tuple[Publisher, int], ...]]:
    """Whether a batch shows that others were missed, and what is known after it."""
    reader = GapDetector()
    for name, last in known:
        reader.observe(repr(name), last, 0)
    missed = reader.observe(repr(publisher), number, 0)
    last_known = dict(known)
    last_known[publisher] = max(number, last_known.get(publisher, number))
    return missed, tuple(sorted(last_known.items()))


def _cursors(gateway: Gateway) -> tuple[Cursors, Position]:
    cursors = Cursors()
    cursors.begin("c", EPOCH, gateway.seq, gateway.told)
    place = cursors.positions["c"]
    place.ahead = set(gateway.ahead) or None
    return cursors, place


def _with(gateway: Gateway, place: Position) -> Gateway:
    return gateway._replace(seq=place.seq, told=place.known_head, ahead=frozenset(place.ahead or ()))


@cache
def handed(gateway: Gateway, seq: int) -> tuple[bool, Gateway]:
    """Whether an entry goes on to the reader."""
    cursors, place = _cursors(gateway)
    is_new = cursors.mark_delivered("c", EPOCH, seq) is Delivery.NEW
    return is_new, _with(gateway, place)


@cache
def told(gateway: Gateway, head: int) -> tuple[bool, Gateway]:
    """Whether the reader must be told of this head."""
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
    """The client's copy after one more entry."""
    copy = LogCopy(EPOCH, head_of(reader.entries))
    copy.ahead = {seq: {"seq": seq, "message": message} for seq, message in reader.ahead}
    copy.apply({"epoch": EPOCH, "seq": placed[0], "message": placed[1]})
    entries = reader.entries + tuple((entry["seq"], entry["message"]) for entry in copy.entries)
    ahead = tuple(sorted((seq, entry["message"]) for seq, entry in copy.ahead.items()))
    return reader._replace(entries=entries, ahead=ahead, head=max(reader.head, placed[0]))
