"""What people at their browsers did and saw, in the order in which it happened: the one thing that the checker believes.

A writer's event is written down when the writer knows it and not before, so "acknowledged before the next was begun" in the
ledger was so in the world, too.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import NamedTuple


class Line(NamedTuple):
    """One entry as somebody has it. `client_id`, `text` and `author` are empty where the reader is not told."""

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
    """`duplicate`: the server says that it was there before."""

    client_id: str
    conversation: str
    epoch: int
    seq: int
    duplicate: bool


class Unknown(NamedTuple):
    """No answer, or `retry`: the same is sent again."""

    client_id: str


class Refused(NamedTuple):
    """A final refusal: it is not there and never will be."""

    client_id: str
    code: str


class Connected(NamedTuple):
    """A reader's socket was welcomed."""

    reader: str


class Joined(NamedTuple):
    """An agent was told that a conversation is theirs: from then on they are sent its entries."""

    person: str
    conversation: str


class Applied(NamedTuple):
    """A reader shows an entry."""

    reader: str
    line: Line


class Reset(NamedTuple):
    """A reader was told to forget its copy."""

    reader: str
    conversation: str


class MarkSeen(NamedTuple):
    """How far `person` has read, as a snapshot says that was asked for when the ledger had `asked_at` events."""

    conversation: str
    person: str
    seq: int
    asked_at: int


Event = Invoked | Acked | Unknown | Refused | Connected | Joined | Applied | Reset | MarkSeen


@dataclass
class Reader:
    """Whose browser this is. `steady`: it is there all the time and reads as fast as it can, so its delay counts."""

    name: str
    person: str
    is_agent: bool
    steady: bool = False


@dataclass
class Ledger:
    """Grows only. `clock` gives seconds of any one clock."""

    clock: Callable[[], float]
    events: list[tuple[float, Event]] = field(default_factory=list)
    readers: dict[str, Reader] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        self.events.append((self.clock(), event))

    def meet(self, reader: Reader) -> None:
        """Somebody opens a browser; names are unique."""
        assert reader.name not in self.readers, reader.name
        self.readers[reader.name] = reader

    def forget(self, conversations: Collection[str]) -> None:
        """Drops what was shown of these: they were there before the ledger was begun."""
        self.events = [
            (at, event)
            for at, event in self.events
            if not (isinstance(event, Applied) and event.line.conversation in conversations)
        ]

    def count(self, kind: type[Event]) -> int:
        return sum(isinstance(event, kind) for _, event in self.events)
