"""Tickets as JSON."""

from collections.abc import Mapping
from typing import cast

import msgspec
from palique.tickets.v1 import tickets_pb2

from kit.times import rfc3339
from kit.vocabulary import TicketPriority, TicketStatus
from services.gateway.http.people import Author, Person, author_json, person_json


class TicketVisitor(msgspec.Struct, frozen=True):
    """The visitor of a ticket, by the current name."""

    id: str
    name: str
    email: str | None


class TicketItem(msgspec.Struct, frozen=True):
    """A ticket in a list."""

    id: str
    number: int
    version: int
    conversation: str | None
    subject: str
    status: TicketStatus
    priority: TicketPriority
    assignee: Person | None
    visitor: TicketVisitor
    created_at: str
    updated_at: str


class TranscriptEntry(msgspec.Struct, frozen=True, tag_field="type", tag="entry"):
    """A message of the ticket's chat."""

    conversation: str
    seq: int
    kind: str
    author: Author
    text: str
    at: str


class TicketChange(msgspec.Struct, frozen=True):
    """A change of one field. Of the assignee, `before` and `after` are ids, empty for no assignee."""

    by: Author
    at: str
    field: str
    before: str
    after: str


class Ticket(TicketItem, frozen=True):
    """A ticket with its transcript and its history, newest change last."""

    transcript: list[TranscriptEntry]
    history: list[TicketChange]


def ticket_item_json(ticket: tickets_pb2.Ticket, names: Mapping[str, str]) -> TicketItem:
    """`names` are the visitors' current names, by id."""
    assigned = ticket.HasField("assignee") and bool(ticket.assignee.id)
    return TicketItem(
        id=ticket.ticket,
        number=ticket.number,
        version=ticket.version,
        conversation=ticket.conversation or None,
        subject=ticket.subject,
        status=cast(TicketStatus, ticket.status),
        priority=cast(TicketPriority, ticket.priority),
        assignee=person_json(ticket.assignee) if assigned else None,
        visitor=TicketVisitor(
            id=ticket.visitor.id,
            name=names.get(ticket.visitor.id, ticket.visitor.name),
            email=ticket.visitor_email or None,
        ),
        created_at=rfc3339(ticket.created_at_ms),
        updated_at=rfc3339(ticket.updated_at_ms),
    )


def ticket_json(ticket: tickets_pb2.Ticket, names: Mapping[str, str]) -> Ticket:
    """`names` are the visitors' current names, by id."""
    return Ticket(
        **msgspec.structs.asdict(ticket_item_json(ticket, names)),
        transcript=[_transcript_entry_json(ticket.conversation, line, names) for line in ticket.transcript],
        history=[_change_json(change) for change in ticket.history],
    )


def _change_json(change: tickets_pb2.Change) -> TicketChange:
    return TicketChange(author_json(change.by), rfc3339(change.at_ms), change.field, change.before, change.after)


def _transcript_entry_json(conversation_id: str, line: tickets_pb2.Line, names: Mapping[str, str]) -> TranscriptEntry:
    return TranscriptEntry(
        conversation=conversation_id,
        seq=line.seq,
        kind=line.kind,
        author=author_json(line.author, names),
        text=line.text,
        at=rfc3339(line.at_ms),
    )
