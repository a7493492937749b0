"""Ledger: actions and observations of clients in the order of events; the only input that the checker trusts.

An event is recorded when the client knows it, never earlier. So an acknowledgement that the ledger records before a later
message really came before it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import NamedTuple


class Line(NamedTuple):
    """One entry as a reader has it. `client_id`, `text` and `author` are empty when the reader does not get them."""

    conversation: str
    epoch: int
    seq: int
    kind: str
    author: str = ""
    client_id: str = ""
    text: str = ""


class Invoked(NamedTuple):
    """A message is sent for the first time."""

    writer: str
    client_id: str
    text: str


class Acked(NamedTuple):
    """An acknowledgement. `duplicate`: the server reports that the message existed before."""

    client_id: str
    conversation: str
    epoch: int
    seq: int
    duplicate: bool


class Unknown(NamedTuple):
    """No answer, or `retry`: the same message is sent again."""

    client_id: str


class Refused(NamedTuple):
    """A final refusal: the message is not stored and never will be."""

    client_id: str
    code: str


class Connected(NamedTuple):
    """A reader's socket got `welcome`."""

    reader: str


class Joined(NamedTuple):
    """An agent was assigned a conversation, and gets its entries from then on."""

    person: str
    conversation: str


class Applied(NamedTuple):
    """A reader shows an entry."""

    reader: str
    line: Line


class Reset(NamedTuple):
    """A reader was ordered to discard its copy."""

    reader: str
    conversation: str


class MarkSeen(NamedTuple):
    """The read mark of `person` in a snapshot that was requested when the ledger had `asked_at` events."""

    conversation: str
    person: str
    seq: int
    asked_at: int


Event = Invoked | Acked | Unknown | Refused | Connected | Joined | Applied | Reset | MarkSeen


@dataclass
class Reader:
    """A client and its person. `steady`: always connected and reading at full speed, so that its delay counts."""

    name: str
    person: str
    is_agent: bool
    steady: bool = False


@dataclass
class Ledger:
    """Append-only. `clock` returns seconds of a monotonic clock."""

    clock: Callable[[], float]
    events: list[tuple[float, Event]] = field(default_factory=list)
    readers: dict[str, Reader] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        self.events.append((self.clock(), event))

    def meet(self, reader: Reader) -> None:
        """Registers a client; names are unique."""
        assert reader.name not in self.readers, reader.name
        self.readers[reader.name] = reader

    def forget(self, conversations: Collection[str]) -> None:
        """Drops entries of these conversations, which existed before the ledger."""
        self.events = [
            (at, event)
            for at, event in self.events
            if not (isinstance(event, Applied) and event.line.conversation in conversations)
        ]

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for _, event in self.events)
