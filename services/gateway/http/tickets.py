"""Routes of tickets: the list, one ticket, its changes."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.vocabulary import TicketPriority, TicketStatus
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.accounts.store import GatewayStore
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.problems import Conflict, Guard, json_response
from services.gateway.http.request_body import Version, path_id, read_json, read_query
from services.gateway.http.ticket_json import Ticket, TicketItem, ticket_item_json, ticket_json
from services.gateway.http.visitor_names import current_names

DEFAULT_PAGE_SIZE = 50
AgentId = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class TicketQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Filters of the list. `assignee` is an agent's id or `none`. `text` searches subject, number and visitor's name."""

    status: TicketStatus | Literal[""] = ""
    priority: TicketPriority | Literal[""] = ""
    assignee: Annotated[str, msgspec.Meta(max_length=128)] = ""
    text: Annotated[str, msgspec.Meta(max_length=200)] = ""
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_PAGE_SIZE


class TicketPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Absent fields do not change. `assignee` is the id of an agent of the site; null removes the assignee."""

    version: Version
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | UnsetType = UNSET
    status: TicketStatus | UnsetType = UNSET
    priority: TicketPriority | UnsetType = UNSET
    assignee: AgentId | UnsetType | None = UNSET


class TicketList(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page, null on the last one."""

    items: list[TicketItem]
    next: str | None


class TicketRoutes:
    """`/api/v1/tickets…`."""

    def __init__(self, backends: Backends, store: GatewayStore) -> None:
        self._tickets = backends.tickets
        self._presence = backends.presence
        self._store = store

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
            site=agent.site_key,
            status=query.status,
            priority=query.priority,
            assignee=query.assignee,
            text=query.text,
            cursor=query.cursor,
            limit=query.limit,
        )
        answer = await self._tickets.call(lambda stub: stub.ListTickets, call, key=agent.site_key)
        names = await current_names(self._presence, agent.site_key, (ticket.visitor.id for ticket in answer.tickets))
        items = [ticket_item_json(ticket, names) for ticket in answer.tickets]
        return json_response(TicketList(items, answer.next or None))

    async def _read(self, request: Request, agent: AgentIdentity) -> Response:
        ticket = await self._ticket(agent.site_key, path_id(request))
        return json_response(await self._with_current_name(agent.site_key, ticket))

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        ticket_id = path_id(request)
        body = await read_json(request, TicketPatch)
        by = tickets_pb2.Person(kind="agent", id=agent.id, name=agent.name)
        call = tickets_pb2.ChangeTicketRequest(site=agent.site_key, ticket=ticket_id, version=body.version, by=by)
        for name in ("subject", "status", "priority"):
            value = getattr(body, name)
            if value is not UNSET:
                setattr(call, name, value)
        if body.assignee is not UNSET:
            call.assignee.CopyFrom(await self._assignee(agent.site_key, body.assignee))
        try:
            answer = await self._tickets.call(lambda stub: stub.ChangeTicket, call, key=ticket_id)
        except Refused as refused:
            if refused.code is not Code.CONFLICT:
                raise
            ticket = await self._ticket(agent.site_key, ticket_id)
            raise Conflict(refused, await self._with_current_name(agent.site_key, ticket)) from None
        return json_response(await self._with_current_name(agent.site_key, answer.ticket))

    async def _with_current_name(self, site_key: str, ticket: tickets_pb2.Ticket) -> Ticket:
        return ticket_json(ticket, await current_names(self._presence, site_key, [ticket.visitor.id]))

    async def _ticket(self, site_key: str, ticket_id: str) -> tickets_pb2.Ticket:
        call = tickets_pb2.GetTicketRequest(site=site_key, ticket=ticket_id)
        return (await self._tickets.call(lambda stub: stub.GetTicket, call, key=ticket_id)).ticket

    async def _assignee(self, site_key: str, agent_id: str | None) -> tickets_pb2.Person:
        """An empty message removes the assignee. Another site's agent gets the same refusal as an unknown id."""
        if agent_id is None:
            return tickets_pb2.Person()
        found = await self._store.agent(site_key, agent_id)
        if found is None or found.disabled:
            raise Refused(Code.INVALID, "The field assignee must be the id of an agent of this site.")
        return tickets_pb2.Person(kind="agent", id=found.id, name=found.name)
