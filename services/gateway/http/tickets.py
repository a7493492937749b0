"""Tickets: the list, one ticket, its changes."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Protocol

import msgspec
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.times import rfc3339
from kit.vocabulary import TicketPriority, TicketStatus
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.model import Agent
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.problems import Conflict, Guard, json_response
from services.gateway.http.request_body import Version, path_id, read_json, read_query
from services.gateway.http.visitor_names import names_now

DEFAULT_LIMIT = 50
SomeId = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class TicketQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The filters of the list. `assignee` is an agent's id, or `none`; `text` words of subject, number and visitor's name."""

    status: TicketStatus | Literal[""] = ""
    priority: TicketPriority | Literal[""] = ""
    assignee: Annotated[str, msgspec.Meta(max_length=128)] = ""
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_LIMIT


class TicketPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is absent stays. `assignee` is an agent of the site, null is nobody."""

    version: Version
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | msgspec.UnsetType = msgspec.UNSET
    status: TicketStatus | msgspec.UnsetType = msgspec.UNSET
    priority: TicketPriority | msgspec.UnsetType = msgspec.UNSET
    assignee: SomeId | msgspec.UnsetType | None = msgspec.UNSET


class Colleagues(Protocol):
    """Where agents of a site are looked up."""

    async def agent(self, site: str, agent: str) -> Agent | None: ...


class TicketRoutes:
    """`/api/v1/tickets…`."""

    def __init__(self, backends: Backends, colleagues: Colleagues) -> None:
        self._tickets = backends.tickets
        self._presence = backends.presence
        self._colleagues = colleagues

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        one = {"GET": signed_in(self._read), "PATCH": signed_in(self._change)}
        return [
            guard.route("/api/v1/tickets", {"GET": signed_in(self._list)}),
            guard.route("/api/v1/tickets/{id}", one),
        ]

    async def _list(self, request: Request, agent: AgentIdentity) -> Response:
        query = read_query(request, TicketQuery)
        call = tickets_pb2.ListTicketsRequest(
            site=agent.site,
            status=query.status,
            priority=query.priority,
            assignee=query.assignee,
            text=query.text,
            cursor=query.cursor,
            limit=query.limit,
        )
        answer = await self._tickets.call(lambda stub: stub.ListTickets, call, key=agent.site)
        names = await names_now(self._presence, agent.site, (ticket.visitor.id for ticket in answer.tickets))
        items = [ticket_item_json(ticket, names) for ticket in answer.tickets]
        return json_response({"items": items, "next": answer.next or None})

    async def _read(self, request: Request, agent: AgentIdentity) -> Response:
        return json_response(await self._told(agent.site, await self._ticket(agent.site, path_id(request))))

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        ticket = path_id(request)
        body = await read_json(request, TicketPatch)
        by = tickets_pb2.Person(kind="agent", id=agent.agent, name=agent.name)
        call = tickets_pb2.ChangeTicketRequest(site=agent.site, ticket=ticket, version=body.version, by=by)
        for name in ("subject", "status", "priority"):
            value = getattr(body, name)
            if value is not msgspec.UNSET:
                setattr(call, name, value)
        if body.assignee is not msgspec.UNSET:
            call.assignee.CopyFrom(await self._person(agent.site, body.assignee))
        try:
            answer = await self._tickets.call(lambda stub: stub.ChangeTicket, call, key=ticket)
        except Refused as refused:
            if refused.code is not Code.CONFLICT:
                raise
            current = await self._told(agent.site, await self._ticket(agent.site, ticket))
            raise Conflict(refused, current) from None
        return json_response(await self._told(agent.site, answer.ticket))

    async def _told(self, site: str, ticket: tickets_pb2.Ticket) -> dict[str, Any]:
        return ticket_json(ticket, await names_now(self._presence, site, [ticket.visitor.id]))

    async def _ticket(self, site: str, ticket: str) -> tickets_pb2.Ticket:
        call = tickets_pb2.GetTicketRequest(site=site, ticket=ticket)
        return (await self._tickets.call(lambda stub: stub.GetTicket, call, key=ticket)).ticket

    async def _person(self, site: str, agent: str | None) -> tickets_pb2.Person:
        """An empty one is nobody. Another site's agent is as unknown as one that does not exist."""
        if agent is None:
            return tickets_pb2.Person()
        found = await self._colleagues.agent(site, agent)
        if found is None or found.disabled:
            raise Refused(Code.INVALID, "The field assignee names no agent of this site.")
        return tickets_pb2.Person(kind="agent", id=found.id, name=found.name)


def ticket_item_json(ticket: tickets_pb2.Ticket, names: Mapping[str, str]) -> dict[str, Any]:
    """A ticket as a row of the list. `names` are those of now."""
    visitor = ticket.visitor
    assigned = ticket.HasField("assignee") and bool(ticket.assignee.id)
    return {
        "id": ticket.ticket,
        "number": ticket.number,
        "version": ticket.version,
        "conversation": ticket.conversation or None,
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "assignee": {"id": ticket.assignee.id, "name": ticket.assignee.name} if assigned else None,
        "visitor": {
            "id": visitor.id,
            "name": names.get(visitor.id, visitor.name),
            "email": ticket.visitor_email or None,
        },
        "created_at": rfc3339(ticket.created_at_ms),
        "updated_at": rfc3339(ticket.updated_at_ms),
    }


def ticket_json(ticket: tickets_pb2.Ticket, names: Mapping[str, str]) -> dict[str, Any]:
    """A ticket with its transcript, which keeps the names of its time, and its history, newest change last."""
    return {
        **ticket_item_json(ticket, names),
        "transcript": [_line_json(ticket.conversation, line) for line in ticket.transcript],
        "history": [_change_json(change) for change in ticket.history],
    }


def _change_json(change: tickets_pb2.Change) -> dict[str, Any]:
    """Of an assignee, `before` and `after` are ids, empty for nobody."""
    return {
        "by": {"kind": change.by.kind, "id": change.by.id, "name": change.by.name},
        "at": rfc3339(change.at_ms),
        "field": change.field,
        "before": change.before,
        "after": change.after,
    }


def _line_json(conversation: str, line: tickets_pb2.Line) -> dict[str, Any]:
    """A line as the entry that it was."""
    return {
        "type": "entry",
        "conversation": conversation,
        "seq": line.seq,
        "kind": line.kind,
        "author": {"kind": line.author.kind, "id": line.author.id, "name": line.author.name},
        "text": line.text,
        "at": rfc3339(line.at_ms),
    }
