"""Interfaces of the database and the bus as the use cases see them, with the values that they exchange."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from services.chat.domain.log import Entry, Person, State


class InsertOutcome(Enum):
    """Result of the insert of one entry."""

    DONE = "done"  # a majority has it
    TAIL_TAKEN = "tail_taken"
    CLIENT_ID_TAKEN = "client_id_taken"
    UNKNOWN = "unknown"  # it may be there, or arrive later, or never


class ConversationRecord(NamedTuple):
    """A conversation's document. `state` may be behind the log; the flag and the read marks exist only here."""

    state: State
    flagged: bool
    reads: tuple[tuple[Person, int], ...]


class ReadMark(NamedTuple):
    """The last seq that a reader has read."""

    conversation_id: str
    reader: Person
    seq: int


class LogHead(NamedTuple):
    """Epoch and last seq of a log."""

    epoch: int
    head: int


class ListFilters(NamedTuple):
    """Filters of a list of conversations; empty or 0 means any.

    `from_ms` is inclusive, `to_ms` exclusive. All `search_terms` must match; the rarest comes first.
    """

    site: str
    visitor_id: str = ""
    agent_id: str = ""
    status: str = ""
    from_ms: int = 0
    to_ms: int = 0
    only_flagged: bool = False
    visitor_ids: tuple[str, ...] = ()
    country: str = ""
    search_terms: tuple[str, ...] = ()


class ListPosition(NamedTuple):
    """The end of a page: start time and id of its last conversation."""

    started_at_ms: int
    conversation_id: str


class SearchMatch(NamedTuple):
    """A conversation that a search found. `seqs`: for each search term the first entry whose text has it; 0 when only a name has it."""

    record: ConversationRecord
    seqs: tuple[int, ...]


class SearchPage(NamedTuple):
    """Result of one search step. `stopped_at`: where it stopped at its bound; None when it reached the end."""

    matches: list[SearchMatch]
    stopped_at: ListPosition | None


class ConversationStore(Protocol):
    """The database. Reads see what a majority has, and raise Refused(unavailable) when the database does not answer."""

    async def confirm_primary(self) -> None:
        """Reads that start after this see every write that was acknowledged before it.

        Without it a read may return an older state, though never one that was rolled back: a deposed primary does not know it at once, and
        a new primary starts with an old majority point.
        """

    async def insert_entries(self, entries: Sequence[Entry]) -> list[InsertOutcome]:
        """Inserts each entry independently; never raises for a database error."""

    async def entries_after(self, heads: Mapping[str, int]) -> list[Entry]:
        """The entries after the given head of each log, with texts, in order within a conversation."""

    async def log_page(self, conversation_id: str, after: int, limit: int) -> list[Entry]:
        """Entries after a seq, with texts, in order."""

    async def entries_at(self, places: Sequence[tuple[str, int]]) -> list[Entry]:
        """The entries at these conversations and seqs that exist, with texts, unordered."""

    async def entry_by_client_id(self, author: Person, client_id: str, conversation_id: str) -> Entry | None: ...

    async def entry_in_any_conversation(self, site: str, author: Person, client_id: str) -> Entry | None: ...

    async def heads_ahead(self, site: str, cursors: Mapping[str, int]) -> dict[str, LogHead]:
        """Heads of those logs of the site that are ahead of their cursors."""

    async def reserve(self, state: State) -> bool:
        """Writes the document of a new conversation. False when its visitor has an open one; Refused(retry) when unknown."""

    async def project(self, states: Sequence[State]) -> None:
        """Updates documents to these states; a document that is ahead stays. Refused on failure."""

    async def records(self, conversation_ids: Sequence[str]) -> list[ConversationRecord]: ...
    async def open_of_visitor(self, site: str, visitor_id: str) -> State | None: ...
    async def open_of_visitors(self, site: str, visitor_ids: Sequence[str]) -> list[ConversationRecord]: ...
    async def open_of_agents(self, site: str, agent_ids: Sequence[str]) -> list[ConversationRecord]: ...
    async def newest_closed(self, site: str, visitor_ids: Sequence[str]) -> list[ConversationRecord]:
        """At most one for each visitor."""

    async def waiting(self, site: str) -> list[ConversationRecord]:
        """Oldest first."""

    async def open_by_status(self, site: str | None = None) -> Mapping[str, int]:
        """Counts of open conversations of a site; None: over all sites."""

    async def list_page(self, filters: ListFilters, after: ListPosition | None, limit: int) -> list[ConversationRecord]:
        """Newest first; search terms are ignored."""

    async def started_by_visitor(self, site: str, visitor_id: str) -> int:
        """Number of conversations that the visitor started."""

    async def newest_starts(self, site: str, visitor_id: str, after_ms: int, limit: int) -> list[int]:
        """Times of the newest conversations that the visitor started after a time, newest first; reserved ones count."""

    async def raise_marks(self, marks: Sequence[ReadMark]) -> list[bool]:
        """True for each mark that rose."""

    async def set_flagged(self, site: str, conversation_id: str, flagged: bool) -> bool:
        """False when there is no such conversation."""

    async def unpublished_facts(self, before_ms: int, limit: int) -> list[Entry]:
        """Entries whose outbox flag is set, oldest first, without texts."""

    async def mark_published(self, entry: Entry) -> None:
        """Clears the outbox flag."""


class FeedPage(NamedTuple):
    """Facts in order, with the numbers of the first and the last; 0 without facts."""

    facts: Sequence[bytes]
    first: int
    last: int


class FactFeed(Protocol):
    """Published facts of each site, numbered 1, 2, 3 …"""

    async def add(self, site: str, fact_id: str, fact: bytes, at_ms: int) -> bool:
        """Adds a fact behind the last one. False when the feed has it already; raises Refused when the outcome is unknown."""

    async def after(self, site: str, number: int, limit: int) -> FeedPage:
        """The facts after a number. Refused(unavailable) when the database does not answer."""

    async def last(self, site: str) -> int:
        """The number of the newest fact; 0 without one."""


class SearchIndex(Protocol):
    """Full-text search of closed conversations. Failures are those of the store."""

    async def search(self, filters: ListFilters, after: ListPosition | None, limit: int) -> SearchPage:
        """Newest first, for filters with search terms; reads a bounded number of conversations."""

    async def unindexed(self, limit: int) -> list[str]:
        """Ids of closed conversations without search terms, or with terms made by older rules."""

    async def outdated(self) -> int:
        """The number of closed conversations with terms made by older rules, at most a bound."""

    async def index(self, conversation_id: str, terms: Mapping[str, int]) -> None:
        """Stores the search terms of a closed conversation, each with the first entry whose text has it, or 0."""


class Hints(Protocol):
    """Hints to the gateways, best effort. Methods never wait and never raise."""

    def entry_appended(self, entry: Entry, state: State, origin: str) -> None: ...
    def mark_raised(self, state: State, reader: Person, seq: int) -> None: ...
    def skip_number(self) -> None:
        """Skips a sequence number so that readers detect a gap and sync."""
