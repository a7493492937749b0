"""Mapping of tickets, comments, facts and mails to the messages of the contracts."""

from palique.tickets.v1 import mail_pb2, tickets_pb2

from services.tickets.domain.comment import Comment
from services.tickets.domain.mail import Mail, TryResult
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import Change, Ticket
from services.tickets.domain.transcript import Line
from services.tickets.ports import Fact


def person_pb(person: Person) -> tickets_pb2.Person:
    return tickets_pb2.Person(kind=person.kind, id=person.id, name=person.name)


def person_of(message: tickets_pb2.Person) -> Person:
    return Person(kind=message.kind, id=message.id, name=message.name)


def brief_pb(ticket: Ticket) -> tickets_pb2.Ticket:
    """Without transcript and history: for lists and facts."""
    return tickets_pb2.Ticket(
        site=ticket.site,
        ticket=ticket.id,
        number=ticket.number,
        version=ticket.version,
        subject=ticket.subject,
        status=ticket.status,
        priority=ticket.priority,
        assignee=person_pb(ticket.assignee) if ticket.assignee else None,
        conversation=ticket.conversation_id,
        visitor=person_pb(ticket.visitor) if ticket.visitor else None,
        visitor_email=ticket.visitor_email,
        created_at_ms=ticket.created_at_ms,
        updated_at_ms=ticket.updated_at_ms,
        transcript_from=ticket.transcript.from_seq,
        transcript_to=ticket.transcript.to_seq,
    )


def ticket_pb(ticket: Ticket) -> tickets_pb2.Ticket:
    """With transcript and history."""
    message = brief_pb(ticket)
    message.transcript.extend(_line_pb(line) for line in ticket.transcript.lines)
    message.history.extend(_change_pb(change) for change in ticket.history)
    return message


def comment_pb(comment: Comment) -> tickets_pb2.Comment:
    return tickets_pb2.Comment(
        comment=comment.id, text=comment.text, author=person_pb(comment.author), at_ms=comment.at_ms
    )


def fact_of(kind: str, ticket: Ticket) -> Fact:
    """The fact of this version of the ticket."""
    body = tickets_pb2.TicketFact(kind=kind, ticket=brief_pb(ticket)).SerializeToString()
    return Fact(ticket.id, ticket.version, kind, ticket.updated_at_ms, body)


def mail_result_pb(mail: Mail | None) -> mail_pb2.MailResult:
    """None: mail is not configured."""
    if mail is None:
        return mail_pb2.MailResult(state="off")
    return mail_pb2.MailResult(state=mail.state, fault=mail.fault, answer=mail.answer)


def try_result_pb(result: TryResult | None) -> mail_pb2.MailResult:
    """As `mail_result_pb`, of one try."""
    if result is None:
        return mail_pb2.MailResult(state="off")
    return mail_pb2.MailResult(state=result.outcome, fault=result.fault, answer=result.answer)


def _line_pb(line: Line) -> tickets_pb2.Line:
    return tickets_pb2.Line(
        seq=line.seq, kind="message", author=person_pb(line.author), text=line.text, at_ms=line.at_ms
    )


def _change_pb(change: Change) -> tickets_pb2.Change:
    return tickets_pb2.Change(
        by=person_pb(change.by), at_ms=change.at_ms, field=change.field, before=change.before, after=change.after
    )
