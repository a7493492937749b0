"""Interfaces of the database and of other services as the use cases see them, with the values that they exchange."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from services.tickets.domain.comment import Comment
from services.tickets.domain.filters import ListFilters
from services.tickets.domain.mail import Content, Mail, TryResult
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import Change, Ticket
from services.tickets.domain.transcript import Line, Transcript


class InsertOutcome(Enum):
    """Result of the insert of a ticket: done, or the unique index that refused it."""

    DONE = "done"
    NUMBER_TAKEN = "number"
    CONVERSATION_TAKEN = "conversation"
    CLIENT_ID_TAKEN = "client_id"


class Fact(NamedTuple):
    """One version of a ticket for the bus. `kind` is opened or changed; `body` is the encoded message."""

    ticket_id: str
    version: int
    kind: str
    at_ms: int
    body: bytes


class ConversationState(NamedTuple):
    """The part of a conversation's state that a ticket needs. `head` is the last seq of its log."""

    visitor: Person
    head: int
    closed: bool


class VisitorDetails(NamedTuple):
    """`name` is empty until an agent enters one; `placeholder` is never empty."""

    name: str
    placeholder: str
    email: str


class TicketRecords(Protocol):
    """The database of tickets. A write raises Refused(retry) when its outcome is unknown."""

    async def get(self, site: str, ticket_id: str) -> Ticket | None: ...
    async def of_conversation(self, site: str, conversation_id: str) -> Ticket | None: ...
    async def of_client_id(self, site: str, author: Person, client_id: str) -> Ticket | None: ...
    async def next_number(self, site: str) -> int:
        """One above the highest number. A concurrent insert may take it first."""

    async def insert(self, ticket: Ticket, fact: Fact) -> InsertOutcome:
        """Writes a new ticket together with its first fact."""

    async def change(self, ticket: Ticket, changes: Sequence[Change], fact: Fact) -> bool:
        """Writes a new version with its fact; False when the version before it is not the current one.

        Refused(overloaded) when too many facts of the ticket wait for the broker.
        """

    async def extend(self, ticket: Ticket, transcript: Transcript) -> bool:
        """Replaces the transcript; False when the stored one is not the ticket's."""

    async def brief_of_conversation(self, site: str, conversation_id: str) -> Ticket | None:
        """Without transcript and history."""

    async def page(self, site: str, filters: ListFilters, below: int, limit: int) -> list[Ticket]:
        """Tickets with a number lower than `below`, highest first, without transcript and history."""


class CommentRecords(Protocol):
    """The database of comments. A write raises Refused(retry) when its outcome is unknown."""

    async def has_ticket(self, site: str, ticket_id: str) -> bool: ...
    async def insert(self, comment: Comment) -> bool:
        """False when the author has used this client id on this ticket."""

    async def of_client_id(self, site: str, ticket_id: str, author: Person, client_id: str) -> Comment | None: ...
    async def touch(self, site: str, ticket_id: str, at_ms: int) -> None:
        """Raises the ticket's time of update to `at_ms`."""

    async def page(self, site: str, ticket_id: str, below: str, limit: int) -> list[Comment]:
        """Comments with an id lower than `below`, newest first; an empty `below` starts at the newest."""


class MailRecords(Protocol):
    """The database of mails. A write raises Refused(retry) when its outcome is unknown."""

    async def get(self, mail_id: str) -> Mail | None: ...
    async def insert(self, mail: Mail) -> bool:
        """False when the id exists."""

    async def waiting(self, site: str, limit: int) -> int:
        """Mails of the site in the queue, counted up to `limit`."""

    async def due(self, now_ms: int, limit: int) -> list[Mail]:
        """Mails in the queue whose time has come, the longest due first."""

    async def oldest_age_ms(self, now_ms: int) -> int:
        """The age of the oldest mail in the queue; 0 without one."""

    async def replace(self, before: Mail, after: Mail) -> bool:
        """False when the stored mail is not `before` any more. A sent mail replaces every one in the queue."""


class MailServer(Protocol):
    """The mail server. Never raises for what the server does."""

    sender: str

    async def deliver(self, mail_id: str, created_at_ms: int, content: Content) -> TryResult: ...


class ServiceClients(Protocol):
    """Reads of the chat and presence services. Every call may raise Refused."""

    async def conversation(self, site: str, conversation_id: str) -> ConversationState: ...
    async def messages(self, site: str, conversation_id: str, after: int) -> tuple[list[Line], int]:
        """The messages after a seq, and the last seq that was read."""

    async def visitor(self, site: str, visitor_id: str) -> VisitorDetails | None:
        """None when presence does not know the visitor."""
