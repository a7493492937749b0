"""Ports of tickets: what the use cases need from the database and from other services."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from services.tickets.domain.comment import Comment
from services.tickets.domain.filters import Filters
from services.tickets.domain.ticket import Change, Line, Person, Ticket, Transcript


class Insert(Enum):
    """Result of inserting a ticket: done, or the unique index that refused it."""

    DONE = "done"
    NUMBER_TAKEN = "number"
    CONVERSATION_TAKEN = "conversation"
    CLIENT_ID_TAKEN = "client_id"


class Fact(NamedTuple):
    """One version of a ticket, to be told on the bus: `kind` is opened or changed."""

    ticket: str
    version: int
    kind: str
    at_ms: int
    body: bytes


class Conversation(NamedTuple):
    """What is needed of a conversation's state."""

    visitor: Person
    head: int
    closed: bool


class Visitor(NamedTuple):
    """`name` is empty until somebody gave one; `placeholder` never is."""

    name: str
    placeholder: str
    email: str


class TicketStore(Protocol):
    """Where tickets are. Every change raises Refused(retry) when its outcome is unknown."""

    async def get(self, site: str, ticket: str) -> Ticket | None: ...
    async def of_conversation(self, site: str, conversation: str) -> Ticket | None: ...
    async def of_client_id(self, site: str, author: Person, client_id: str) -> Ticket | None: ...
    async def next_number(self, site: str) -> int:
        """One above the highest; somebody may take it first."""

    async def insert(self, ticket: Ticket, fact: Fact) -> Insert:
        """Writes a new ticket together with its first fact."""

    async def change(self, ticket: Ticket, changes: Sequence[Change], fact: Fact) -> bool:
        """False when the version before this one is not the current one."""

    async def extend(self, ticket: Ticket, transcript: Transcript) -> bool:
        """False when the transcript is no longer the ticket's own."""

    async def brief_of_conversation(self, site: str, conversation: str) -> Ticket | None:
        """Without transcript and history."""

    async def page(self, site: str, filters: Filters, below: int, limit: int) -> list[Ticket]:
        """Highest numbers first, without transcript and history."""


class Sources(Protocol):
    """What other services know. Every call may raise Refused."""

    async def conversation(self, site: str, conversation: str) -> Conversation: ...
    async def messages(self, site: str, conversation: str, after: int) -> tuple[list[Line], int]:
        """The messages after a seq and the last seq that was looked at."""

    async def visitor(self, site: str, visitor: str) -> Visitor | None: ...


class CommentStore(Protocol):
    """Where comments are. Every change raises Refused(retry) when its outcome is unknown."""

    async def has_ticket(self, site: str, ticket: str) -> bool: ...
    async def insert(self, comment: Comment) -> bool:
        """False when the author used this client id on this ticket already."""

    async def of_client_id(self, site: str, ticket: str, author: Person, client_id: str) -> Comment | None: ...
    async def touch(self, site: str, ticket: str, at_ms: int) -> None:
        """The ticket is as new as its newest comment."""

    async def page(self, site: str, ticket: str, below: str, limit: int) -> list[Comment]:
        """Newest first, those before the comment `below`; empty: from the newest on."""
