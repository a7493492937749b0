"""State of a ticket and its changes. Pure: ids, numbers and times are arguments.

Invariants: `version` rises by one with each change by a person and with nothing else. Each changed field is one line of `history`.
"""

import msgspec

from kit.codes import Code, Refused
from services.tickets.domain.person import Person
from services.tickets.domain.transcript import Transcript

# One line in a list and in the subject of an e-mail.
SUBJECT_LIMIT = 200
# A change a day for more than a year. The oldest are dropped to bound the document.
MAX_HISTORY = 500


class Change(msgspec.Struct, frozen=True):
    """One changed field; for the assignee, `before` and `after` are ids."""

    by: Person
    at_ms: int
    field: str
    before: str
    after: str


class Ticket(msgspec.Struct, frozen=True):
    """`conversation_id` or `client_id` is set, by the ticket's origin: a conversation or a request."""

    site: str
    id: str = msgspec.field(name="ticket")
    number: int
    version: int
    subject: str
    status: str
    priority: str
    assignee: Person | None
    conversation_id: str = msgspec.field(name="conversation")
    created_by: Person
    client_id: str
    visitor: Person | None
    visitor_email: str
    transcript: Transcript
    created_at_ms: int
    updated_at_ms: int
    history: tuple[Change, ...] = ()


class TicketPatch(msgspec.Struct, frozen=True):
    """New values of fields. None keeps a field; an assignee with an empty id removes the assignee."""

    subject: str | None = None
    status: str | None = None
    priority: str | None = None
    assignee: Person | None = None


def new_ticket(
    *,
    site: str,
    ticket_id: str,
    number: int,
    subject: str,
    priority: str,
    by: Person,
    now_ms: int,
    conversation_id: str = "",
    client_id: str = "",
    visitor: Person | None = None,
    visitor_email: str = "",
    transcript: Transcript,
) -> Ticket:
    """An open ticket. It belongs to the agent that creates it; a ticket of anyone else has no assignee."""
    return Ticket(
        site=site,
        id=ticket_id,
        number=number,
        version=1,
        subject=subject,
        status="open",
        priority=priority,
        assignee=by if by.kind == "agent" else None,
        conversation_id=conversation_id,
        created_by=by,
        client_id=client_id,
        visitor=visitor,
        visitor_email=visitor_email,
        transcript=transcript,
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
    )


def apply_patch(
    ticket: Ticket, version: int, patch: TicketPatch, by: Person, now_ms: int
) -> tuple[Ticket, tuple[Change, ...]]:
    """Returns the changed ticket and its new lines of history, none when every field has its value already.

    Refused(conflict) when `version` is not the current one. Exception: the same person repeats the change that made the current
    version, because its first outcome was unknown. Refused(invalid) when a closed ticket would get a status other than open.
    """
    changes = _differences(ticket, patch, by, now_ms)
    if version != ticket.version:
        is_own_change = version == ticket.version - 1 and bool(ticket.history) and ticket.history[-1].by.is_same(by)
        if is_own_change and not changes:
            return ticket, ()
        raise Refused(Code.CONFLICT, f"The ticket has changed; its version is {ticket.version}.")
    if not changes:
        return ticket, ()
    if ticket.status == "closed" and patch.status not in (None, "closed", "open"):
        raise Refused(Code.INVALID, "status: a closed ticket can only be opened again.")
    assignee = ticket.assignee if patch.assignee is None else patch.assignee
    after = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        subject=ticket.subject if patch.subject is None else patch.subject,
        status=patch.status or ticket.status,
        priority=patch.priority or ticket.priority,
        assignee=assignee if assignee and assignee.id else None,
        updated_at_ms=now_ms,
        history=(*ticket.history, *changes)[-MAX_HISTORY:],
    )
    return after, changes


def default_subject(visitor_name: str) -> str:
    """The first subject of a ticket that is created from a conversation."""
    return f"Chat with {visitor_name}"[:SUBJECT_LIMIT]


def _differences(ticket: Ticket, patch: TicketPatch, by: Person, now_ms: int) -> tuple[Change, ...]:
    pairs = [
        ("subject", ticket.subject, patch.subject),
        ("status", ticket.status, patch.status),
        ("priority", ticket.priority, patch.priority),
        ("assignee", ticket.assignee.id if ticket.assignee else "", patch.assignee.id if patch.assignee else None),
    ]
    return tuple(
        Change(by=by, at_ms=now_ms, field=field, before=before, after=after)
        for field, before, after in pairs
        if after is not None and after != before
    )
