"""The gRPC contract of tickets: strict requests in, tickets out. What goes wrong leaves as Refused, for the gate."""

from typing import Any

import grpc
from palique.tickets.v1 import tickets_pb2
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceServicer, add_TicketsServiceServicer_to_server

from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from kit.rpc.server import RpcServer, current_caller
from kit.vocabulary import TICKET_PRIORITIES, TICKET_STATUSES
from services.tickets.app.comments import Comments
from services.tickets.app.tickets import App
from services.tickets.domain import validation
from services.tickets.domain.filters import Filters
from services.tickets.domain.paging import below, cursor_after, page_limit
from services.tickets.domain.ticket import SUBJECT_LIMIT, Person, TicketPatch
from services.tickets.proto_mapping import brief_pb, comment_pb, person_of, ticket_pb

Context = grpc.aio.ServicerContext[Any, Any]


class TicketsServicer(TicketsServiceServicer):
    """See tickets.proto. The gate has checked the site."""

    def __init__(self, app: App, commenting: Comments) -> None:
        self._app = app
        self._commenting = commenting

    def register(self, server: RpcServer) -> None:
        server.add("palique.tickets.v1.TicketsService", lambda raw: add_TicketsServiceServicer_to_server(self, raw))

    async def OpenFromConversation(
        self, request: tickets_pb2.OpenFromConversationRequest, context: Context
    ) -> tickets_pb2.OpenFromConversationResponse:
        conversation = validation.one_line("conversation", request.conversation, validation.ID_LIMIT)
        ticket, created = await self._app.open_from_conversation(request.site, conversation, _by(request.by))
        return tickets_pb2.OpenFromConversationResponse(ticket=ticket_pb(ticket), created=created)

    async def CreateTicket(
        self, request: tickets_pb2.CreateTicketRequest, context: Context
    ) -> tickets_pb2.CreateTicketResponse:
        visitor = person_of(request.visitor) if request.HasField("visitor") else None
        ticket = await self._app.create(
            site=request.site,
            client_id=validation.one_line("client_id", request.client_id, CLIENT_ID_LIMIT),
            subject=validation.one_line("subject", request.subject, SUBJECT_LIMIT),
            text=validation.free_text("text", request.text, TEXT_LIMIT),
            by=_by(request.by),
            visitor=validation.person("visitor", visitor, ("visitor",)) if visitor else None,
            visitor_email=validation.email("visitor_email", request.visitor_email),
            priority=validation.choice("priority", request.priority or "normal", TICKET_PRIORITIES),
        )
        return tickets_pb2.CreateTicketResponse(ticket=ticket_pb(ticket))

    async def GetTicket(self, request: tickets_pb2.GetTicketRequest, context: Context) -> tickets_pb2.GetTicketResponse:
        ticket = await self._app.get(request.site, validation.one_line("ticket", request.ticket, validation.ID_LIMIT))
        return tickets_pb2.GetTicketResponse(ticket=ticket_pb(ticket))

    async def ListTickets(
        self, request: tickets_pb2.ListTicketsRequest, context: Context
    ) -> tickets_pb2.ListTicketsResponse:
        filters = Filters(
            status=validation.choice("status", request.status, ("", *TICKET_STATUSES)),
            assignee=validation.one_line("assignee", request.assignee, validation.ID_LIMIT, least=0),
            priority=validation.choice("priority", request.priority, ("", *TICKET_PRIORITIES)),
            words=validation.words("text", request.text),
        )
        limit = page_limit(request.limit)
        found, more = await self._app.page(request.site, filters, below(request.cursor), limit)
        return tickets_pb2.ListTicketsResponse(
            tickets=[brief_pb(ticket) for ticket in found], next=cursor_after(found[-1].number) if more else ""
        )

    async def ChangeTicket(
        self, request: tickets_pb2.ChangeTicketRequest, context: Context
    ) -> tickets_pb2.ChangeTicketResponse:
        ticket = validation.one_line("ticket", request.ticket, validation.ID_LIMIT)
        changed = await self._app.change(request.site, ticket, request.version, _wish(request), _by(request.by))
        return tickets_pb2.ChangeTicketResponse(ticket=ticket_pb(changed))

    async def GetTicketOfConversation(
        self, request: tickets_pb2.GetTicketOfConversationRequest, context: Context
    ) -> tickets_pb2.GetTicketOfConversationResponse:
        conversation = validation.one_line("conversation", request.conversation, validation.ID_LIMIT)
        ticket = await self._app.of_conversation(request.site, conversation)
        return tickets_pb2.GetTicketOfConversationResponse(ticket=brief_pb(ticket))

    async def AddComment(
        self, request: tickets_pb2.AddCommentRequest, context: Context
    ) -> tickets_pb2.AddCommentResponse:
        comment, created = await self._commenting.add(
            request.site,
            validation.one_line("ticket", request.ticket, validation.ID_LIMIT),
            validation.one_line("client_id", request.client_id, CLIENT_ID_LIMIT),
            validation.some_text("text", request.text, TEXT_LIMIT),
            _by(request.by),
        )
        return tickets_pb2.AddCommentResponse(comment=comment_pb(comment), created=created)

    async def ListComments(
        self, request: tickets_pb2.ListCommentsRequest, context: Context
    ) -> tickets_pb2.ListCommentsResponse:
        ticket = validation.one_line("ticket", request.ticket, validation.ID_LIMIT)
        cursor = validation.one_line("cursor", request.cursor, validation.ID_LIMIT, least=0)
        found, more = await self._commenting.page(request.site, ticket, cursor, page_limit(request.limit))
        return tickets_pb2.ListCommentsResponse(
            comments=[comment_pb(comment) for comment in found], next=found[-1].comment if more else ""
        )


def _by(person: tickets_pb2.Person) -> Person:
    """Whom our own services name; any other caller speaks for itself only."""
    caller = current_caller()
    if not caller.is_ours:
        return Person(kind="integration", id=caller.name, name=caller.name)
    return validation.person("by", person_of(person))


def _wish(request: tickets_pb2.ChangeTicketRequest) -> TicketPatch:
    subject = validation.one_line("subject", request.subject, SUBJECT_LIMIT) if request.HasField("subject") else None
    status = validation.choice("status", request.status, TICKET_STATUSES) if request.HasField("status") else None
    priority = (
        validation.choice("priority", request.priority, TICKET_PRIORITIES) if request.HasField("priority") else None
    )
    assignee = person_of(request.assignee) if request.HasField("assignee") else None
    if assignee is not None and assignee.id:
        validation.person("assignee", assignee, ("agent",))
    return TicketPatch(subject=subject, status=status, priority=priority, assignee=assignee)
