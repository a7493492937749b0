"""gRPC servicers of tickets.proto and mail.proto: each checks a request, calls a use case, maps the result. A Refused becomes a status in the interceptor."""

from palique.tickets.v1 import mail_pb2, tickets_pb2
from palique.tickets.v1.mail_pb2_grpc import MailServiceServicer, add_MailServiceServicer_to_server
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceServicer, add_TicketsServiceServicer_to_server

from kit.codes import Code, Refused
from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from kit.rpc.auth import Caller, Context, current_caller
from kit.rpc.server import RpcServer
from kit.vocabulary import TICKET_PRIORITIES, TICKET_STATUSES
from services.tickets import validation
from services.tickets.app.change import TicketChanges
from services.tickets.app.comments import TicketComments
from services.tickets.app.create import TicketCreation
from services.tickets.app.mail import MailQueue
from services.tickets.app.queries import TicketQueries
from services.tickets.domain import mail
from services.tickets.domain.filters import ListFilters
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import SUBJECT_LIMIT, TicketPatch
from services.tickets.proto_mapping import (
    brief_pb,
    comment_pb,
    mail_result_pb,
    person_of,
    ticket_pb,
    try_result_pb,
)


class TicketsServicer(TicketsServiceServicer):
    """One method a use case. The interceptor has checked the caller's token for the request's site."""

    def __init__(
        self, creation: TicketCreation, changes: TicketChanges, queries: TicketQueries, comments: TicketComments
    ) -> None:
        self._creation = creation
        self._changes = changes
        self._queries = queries
        self._comments = comments

    def register(self, server: RpcServer) -> None:
        server.add("palique.tickets.v1.TicketsService", lambda raw: add_TicketsServiceServicer_to_server(self, raw))

    async def OpenFromConversation(
        self, request: tickets_pb2.OpenFromConversationRequest, context: Context
    ) -> tickets_pb2.OpenFromConversationResponse:
        conversation_id = validation.record_id("conversation", request.conversation)
        ticket, created = await self._creation.open_from_conversation(
            request.site, conversation_id, actor(current_caller(), request.by)
        )
        return tickets_pb2.OpenFromConversationResponse(ticket=ticket_pb(ticket), created=created)

    async def CreateTicket(
        self, request: tickets_pb2.CreateTicketRequest, context: Context
    ) -> tickets_pb2.CreateTicketResponse:
        visitor = person_of(request.visitor) if request.HasField("visitor") else None
        ticket = await self._creation.create(
            site=request.site,
            client_id=validation.one_line("client_id", request.client_id, CLIENT_ID_LIMIT),
            subject=validation.title("subject", request.subject, SUBJECT_LIMIT),
            text=validation.free_text("text", request.text, TEXT_LIMIT),
            by=actor(current_caller(), request.by),
            visitor=validation.person("visitor", visitor, ("visitor",)) if visitor else None,
            visitor_email=validation.email("visitor_email", request.visitor_email),
            priority=validation.choice("priority", request.priority or "normal", TICKET_PRIORITIES),
        )
        return tickets_pb2.CreateTicketResponse(ticket=ticket_pb(ticket))

    async def GetTicket(self, request: tickets_pb2.GetTicketRequest, context: Context) -> tickets_pb2.GetTicketResponse:
        ticket = await self._queries.get(request.site, validation.record_id("ticket", request.ticket))
        return tickets_pb2.GetTicketResponse(ticket=ticket_pb(ticket))

    async def ListTickets(
        self, request: tickets_pb2.ListTicketsRequest, context: Context
    ) -> tickets_pb2.ListTicketsResponse:
        filters = ListFilters(
            status=validation.choice("status", request.status, ("", *TICKET_STATUSES)),
            assignee_id=validation.optional_id("assignee", request.assignee),
            priority=validation.choice("priority", request.priority, ("", *TICKET_PRIORITIES)),
            search_terms=validation.search_terms("text", request.text),
        )
        limit = validation.page_size(request.limit)
        below = validation.number_below(request.cursor)
        found, more = await self._queries.page(request.site, filters, below, limit)
        return tickets_pb2.ListTicketsResponse(
            tickets=[brief_pb(ticket) for ticket in found],
            next=validation.cursor_after(found[-1].number) if more else "",
        )

    async def ChangeTicket(
        self, request: tickets_pb2.ChangeTicketRequest, context: Context
    ) -> tickets_pb2.ChangeTicketResponse:
        ticket_id = validation.record_id("ticket", request.ticket)
        patch, by = _patch(request), actor(current_caller(), request.by)
        changed = await self._changes.change(request.site, ticket_id, request.version, patch, by)
        return tickets_pb2.ChangeTicketResponse(ticket=ticket_pb(changed))

    async def GetTicketOfConversation(
        self, request: tickets_pb2.GetTicketOfConversationRequest, context: Context
    ) -> tickets_pb2.GetTicketOfConversationResponse:
        conversation_id = validation.record_id("conversation", request.conversation)
        ticket = await self._queries.of_conversation(request.site, conversation_id)
        return tickets_pb2.GetTicketOfConversationResponse(ticket=brief_pb(ticket))

    async def AddComment(
        self, request: tickets_pb2.AddCommentRequest, context: Context
    ) -> tickets_pb2.AddCommentResponse:
        comment, created = await self._comments.add(
            request.site,
            validation.record_id("ticket", request.ticket),
            validation.one_line("client_id", request.client_id, CLIENT_ID_LIMIT),
            validation.some_text("text", request.text, TEXT_LIMIT),
            actor(current_caller(), request.by),
        )
        return tickets_pb2.AddCommentResponse(comment=comment_pb(comment), created=created)

    async def ListComments(
        self, request: tickets_pb2.ListCommentsRequest, context: Context
    ) -> tickets_pb2.ListCommentsResponse:
        ticket_id = validation.record_id("ticket", request.ticket)
        cursor = validation.optional_id("cursor", request.cursor)
        found, more = await self._comments.page(request.site, ticket_id, cursor, validation.page_size(request.limit))
        return tickets_pb2.ListCommentsResponse(
            comments=[comment_pb(comment) for comment in found], next=found[-1].id if more else ""
        )


class MailServicer(MailServiceServicer):
    """For Palique's own services only: a caller with a token of one site could write to anyone in the name of the installation."""

    def __init__(self, mails: MailQueue) -> None:
        self._mails = mails

    def register(self, server: RpcServer) -> None:
        server.add("palique.tickets.v1.MailService", lambda raw: add_MailServiceServicer_to_server(self, raw))

    async def GetMailStatus(
        self, request: mail_pb2.GetMailStatusRequest, context: Context
    ) -> mail_pb2.GetMailStatusResponse:
        require_ours(current_caller())
        waiting = await self._mails.waiting(request.site)
        return mail_pb2.GetMailStatusResponse(
            configured=bool(self._mails.sender), sender=self._mails.sender, waiting=waiting
        )

    async def SendMail(self, request: mail_pb2.SendMailRequest, context: Context) -> mail_pb2.SendMailResponse:
        require_ours(current_caller())
        sent = await self._mails.send(
            validation.mail_id("mail", request.mail),
            request.site,
            _content(request.content),
            validation.time_or_zero("until_ms", request.until_ms),
        )
        return mail_pb2.SendMailResponse(result=mail_result_pb(sent))

    async def TestMail(self, request: mail_pb2.TestMailRequest, context: Context) -> mail_pb2.TestMailResponse:
        require_ours(current_caller())
        return mail_pb2.TestMailResponse(result=try_result_pb(await self._mails.test(_content(request.content))))


def require_ours(caller: Caller) -> None:
    """Refuses callers with a token of one site (forbidden)."""
    if not caller.is_ours:
        raise Refused(Code.FORBIDDEN, "Only Palique's own services send mail.")


def _content(content: mail_pb2.MailContent) -> mail.Content:
    return mail.Content(
        to=validation.recipient("to", content.to),
        subject=validation.title("subject", content.subject, mail.SUBJECT_LIMIT),
        text=validation.some_text("text", content.text, mail.TEXT_LIMIT),
        html=validation.free_text("html", content.html, mail.HTML_LIMIT),
    )


def actor(caller: Caller, named: tickets_pb2.Person) -> Person:
    return caller.acts_as(lambda: validation.person("by", person_of(named)), Person)


def _patch(request: tickets_pb2.ChangeTicketRequest) -> TicketPatch:
    subject = validation.title("subject", request.subject, SUBJECT_LIMIT) if request.HasField("subject") else None
    status = validation.choice("status", request.status, TICKET_STATUSES) if request.HasField("status") else None
    priority = (
        validation.choice("priority", request.priority, TICKET_PRIORITIES) if request.HasField("priority") else None
    )
    assignee = person_of(request.assignee) if request.HasField("assignee") else None
    if assignee is not None and assignee.id:
        validation.person("assignee", assignee, ("agent",))
    return TicketPatch(subject=subject, status=status, priority=priority, assignee=assignee)
