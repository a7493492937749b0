"""What a ticket is and how it may change. Pure: ids, numbers and times are arguments.

Always true: `version` rises by one with each change that somebody made and with nothing else; every change is one line or more of
`history`; a transcript holds messages only, in the order of their seq, each once.
"""

from collections.abc import Iterable

import msgspec

from kit.codes import Code, Refused

# One line in a list and in the subject of an e-mail.
SUBJECT_LIMIT = 200
# A change a day for more than a year; older ones go, so that a document stays small.
HISTORY_KEPT = 500
# A quarter of what a document may have and half of a gRPC message; past either bound the oldest lines go.
TRANSCRIPT_BYTES = 4 * 1024 * 1024
TRANSCRIPT_LINES = 5000
# What a line takes beside its texts, in either form.
_LINE_BYTES = 100


class Person(msgspec.Struct, frozen=True):
    kind: str
    id: str
    name: str = ""


class Line(msgspec.Struct, frozen=True):
    """A message as it was said; `seq` is its place in the conversation's log."""

    seq: int
    author: Person
    text: str
    at_ms: int


class Transcript(msgspec.Struct, frozen=True):
    """The messages of a log from `from_seq` to `to_seq`, both included; `whole` once nothing more can be said there."""

    lines: tuple[Line, ...] = ()
    from_seq: int = 1
    to_seq: int = 0
    whole: bool = False


class Change(msgspec.Struct, frozen=True):
    by: Person
    at_ms: int
    field: str
    before: str
    after: str


class Ticket(msgspec.Struct, frozen=True):
    site: str
    ticket: str
    number: int
    version: int
    subject: str
    status: str
    priority: str
    assignee: Person | None
    conversation: str
    created_by: Person
    client_id: str
    visitor: Person | None
    visitor_email: str
    transcript: Transcript
    created_at_ms: int
    updated_at_ms: int
    history: tuple[Change, ...] = ()


class TicketPatch(msgspec.Struct, frozen=True):
    """What somebody wants a ticket to be; None leaves a field as it is, an assignee without an id is nobody."""

    subject: str | None = None
    status: str | None = None
    priority: str | None = None
    assignee: Person | None = None


def opened(
    *,
    site: str,
    ticket: str,
    number: int,
    subject: str,
    priority: str,
    by: Person,
    now_ms: int,
    conversation: str = "",
    client_id: str = "",
    visitor: Person | None = None,
    visitor_email: str = "",
    transcript: Transcript,
) -> Ticket:
    """A new ticket, open and nobody's."""
    return Ticket(
        site=site,
        ticket=ticket,
        number=number,
        version=1,
        subject=subject,
        status="open",
        priority=priority,
        assignee=None,
        conversation=conversation,
        created_by=by,
        client_id=client_id,
        visitor=visitor,
        visitor_email=visitor_email,
        transcript=transcript,
        created_at_ms=now_ms,
        updated_at_ms=now_ms,
    )


def changed(
    ticket: Ticket, version: int, wish: TicketPatch, by: Person, now_ms: int
) -> tuple[Ticket, tuple[Change, ...]]:
    """The ticket after the change, with what is new in its history: nothing when nothing is left to change.

    Refused(conflict) when `version` is not the current one, unless it is this very change that made the current one: a change
    whose outcome was unknown may be asked for again. Refused(invalid) when a closed ticket would become anything but open.
    """
    changes = _differences(ticket, wish, by, now_ms)
    if version != ticket.version:
        made_it = version == ticket.version - 1 and bool(ticket.history) and _same(ticket.history[-1].by, by)
        if made_it and not changes:
            return ticket, ()
        raise Refused(Code.CONFLICT, f"The ticket was changed meanwhile; its version is {ticket.version}.")
    if not changes:
        return ticket, ()
    if ticket.status == "closed" and wish.status not in (None, "closed", "open"):
        raise Refused(Code.INVALID, "status: a closed ticket can only be opened again.")
    after = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        subject=ticket.subject if wish.subject is None else wish.subject,
        status=wish.status or ticket.status,
        priority=wish.priority or ticket.priority,
        assignee=ticket.assignee if wish.assignee is None else _somebody(wish.assignee),
        updated_at_ms=now_ms,
        history=(*ticket.history, *changes)[-HISTORY_KEPT:],
    )
    return after, changes


def extended(transcript: Transcript, lines: Iterable[Line], *, after: int, to_seq: int, whole: bool) -> Transcript:
    """The transcript with the messages of the log from `after` (excluded) to `to_seq`; lines that it has already are left out.

    When `after` leaves a gap, what was before the gap goes: a transcript has no holes.
    """
    gap = after > transcript.to_seq
    old = () if gap else transcript.lines
    new = [line for line in lines if line.seq > transcript.to_seq]
    kept, from_seq = _bounded((*old, *new), after + 1 if gap else transcript.from_seq)
    return Transcript(
        lines=kept,
        from_seq=from_seq,
        to_seq=max(to_seq, transcript.to_seq),
        whole=transcript.whole or whole,
    )


def subject_for(visitor_name: str) -> str:
    """What a ticket made from a conversation is called at first."""
    return f"Chat with {visitor_name}"[:SUBJECT_LIMIT]


def _bounded(lines: tuple[Line, ...], from_seq: int) -> tuple[tuple[Line, ...], int]:
    size = 0
    for kept, line in enumerate(reversed(lines)):
        size += _LINE_BYTES + sum(len(text.encode()) for text in (line.text, line.author.id, line.author.name))
        if kept == TRANSCRIPT_LINES or size > TRANSCRIPT_BYTES:
            return lines[len(lines) - kept :], line.seq + 1
    return lines, from_seq


def _differences(ticket: Ticket, wish: TicketPatch, by: Person, now_ms: int) -> tuple[Change, ...]:
    pairs = [
        ("subject", ticket.subject, wish.subject),
        ("status", ticket.status, wish.status),
        ("priority", ticket.priority, wish.priority),
        ("assignee", ticket.assignee.id if ticket.assignee else "", wish.assignee.id if wish.assignee else None),
    ]
    return tuple(
        Change(by=by, at_ms=now_ms, field=field, before=before, after=after)
        for field, before, after in pairs
        if after is not None and after != before
    )


def _same(one: Person, other: Person) -> bool:
    return (one.kind, one.id) == (other.kind, other.id)


def _somebody(person: Person) -> Person | None:
    return person if person.id else None
