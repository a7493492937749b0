"""What the use cases need from the database and the bus."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from services.chat.domain.log import Entry, Person, State


class Insert(Enum):
    """What became of one entry."""

    DONE = "done"  # on a majority
    TAIL_TAKEN = "tail_taken"
    CLIENT_ID_TAKEN = "client_id_taken"
    UNKNOWN = "unknown"  # it may be there, or come yet, or never


class Record(NamedTuple):
    """A conversation as its document has it: the projection may be behind the log; flag and marks live only there."""

    state: State
    flagged: bool
    reads: tuple[tuple[Person, int], ...]


class Mark(NamedTuple):
    """How far somebody has read."""

    conversation: str
    reader: Person
    seq: int


class Head(NamedTuple):
    """How far a log goes, in which epoch."""

    epoch: int
    head: int


class Filters(NamedTuple):
    """What a list is of; empty or 0: any. From inclusive, to exclusive. `words`: all of them, the first one being the rarest."""

    site: str
    visitor: str = ""
    agent: str = ""
    status: str = ""
    from_ms: int = 0
    to_ms: int = 0
    only_flagged: bool = False
    visitors: tuple[str, ...] = ()
    country: str = ""
    words: tuple[str, ...] = ()


class Position(NamedTuple):
    """Where in a list a page ended."""

    started_at_ms: int
    conversation: str


class Found(NamedTuple):
    """What one look into the words found. `reached`: how far it looked, when it stopped before the end of all."""

    records: list[Record]
    reached: Position | None


class ConversationStore(Protocol):
    """The database. Reads see what a majority has, and raise Refused(unavailable) when nobody answers."""

    async def up_to_now(self) -> None:
        """Reads begun after this see all that was acknowledged before it.

        Else they may show an older state, though never one that was undone: a primary whose time is over does not know it at
        once, and a new one shows at first what it knew of the majority before.
        """

    async def insert_entries(self, entries: Sequence[Entry]) -> list[Insert]:
        """Each by itself; never raises for what the database says."""

    async def entries_after(self, heads: Mapping[str, int]) -> list[Entry]:
        """What each log has after its head, in order within a conversation, without texts."""

    async def page(self, conversation: str, after: int, limit: int) -> list[Entry]:
        """With texts."""

    async def entry_by_client_id(self, author: Person, client_id: str, conversation: str) -> Entry | None: ...

    async def entry_anywhere(self, site: str, author: Person, client_id: str) -> Entry | None:
        """In whichever conversation."""

    async def heads_ahead(self, site: str, cursors: Mapping[str, int]) -> dict[str, Head]:
        """The heads of those logs of the site that are ahead of their cursors."""

    async def reserve(self, state: State) -> bool:
        """Writes the document of a new conversation; False when its visitor has an open one. Refused(retry) when unknown."""

    async def project(self, states: Sequence[State]) -> None:
        """Brings documents up to these states; those ahead already stay. Refused when it failed."""

    async def records(self, conversations: Sequence[str]) -> list[Record]: ...
    async def open_of_visitor(self, site: str, visitor: str) -> State | None: ...
    async def open_of_visitors(self, site: str, visitors: Sequence[str]) -> list[Record]: ...
    async def open_of_agents(self, site: str, agents: Sequence[str]) -> list[Record]: ...
    async def newest_closed(self, site: str, visitors: Sequence[str]) -> list[Record]:
        """One a visitor at most."""

    async def waiting(self, site: str) -> list[Record]:
        """Oldest first."""

    async def matching(self, filters: Filters, after: Position | None, limit: int) -> list[Record]:
        """Newest first."""

    async def started_by_visitor(self, site: str, visitor: str) -> int:
        """How many conversations."""

    async def raise_marks(self, marks: Sequence[Mark]) -> list[bool]:
        """Which of them rose."""

    async def set_flagged(self, site: str, conversation: str, flagged: bool) -> bool:
        """False when there is no such conversation."""

    async def unconfirmed(self, before_ms: int, limit: int) -> list[Entry]:
        """Facts whose flag is still up, oldest first, without texts."""

    async def confirmed(self, entry: Entry) -> None:
        """Takes the flag down."""


class SearchIndex(Protocol):
    """Closed conversations by their words. Failures as the store's."""

    async def searched(self, filters: Filters, after: Position | None, limit: int) -> Found:
        """Newest first, for filters with words; looks at a bounded number of conversations."""

    async def unfiled(self, limit: int) -> list[str]:
        """Closed conversations that cannot be found by their words yet, or not by today's."""

    async def file(self, conversation: str, words: Sequence[str]) -> None:
        """Makes a closed conversation one that is found by these words."""


class Hints(Protocol):
    """What goes to the gateways, promising nothing. Never waits, never raises."""

    def entry(self, entry: Entry, state: State, origin: str) -> None: ...
    def read(self, state: State, reader: Person, seq: int) -> None: ...
    def missed(self) -> None:
        """Something may have happened that no hint tells of: readers are to ask."""
