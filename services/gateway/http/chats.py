"""Chat logs: the list with its filters and its search, the flag for review, and the ticket of a chat (S-12, S-51)."""

import re
from typing import Annotated

import msgspec
from palique.chat.v1 import chat_pb2
from palique.presence.v1 import presence_pb2
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.times import parse_rfc3339
from kit.vocabulary import ConversationStatus
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.chat_json import chat_json
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.request_body import path_id, read_json, read_query
from services.gateway.http.tickets import ticket_json
from services.gateway.http.visitor_names import names_now

DEFAULT_LIMIT = 50
SomeId = Annotated[str, msgspec.Meta(max_length=128)]
Search = Annotated[str, msgspec.Meta(max_length=200)]
# More visitors than this are not meant by a name; the newest seen are.
VISITORS_LIMIT = 100
_VISITOR_ID = re.compile(r"[0-9a-f]{32}")


class ChatQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The filters of the list. Times are RFC 3339; `from` and `to` are of the start. `visitor` is an id; `person` what a
    visitor is called: words of name or e-mail address, or the id. `text`: words of closed chats.
    """

    visitor: SomeId = ""
    person: Search = ""
    text: Search = ""
    country: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    agent: SomeId = ""
    flagged: bool = False
    from_: str = msgspec.field(default="", name="from")
    to: str = ""
    status: ConversationStatus = "closed"
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_LIMIT


class ChatPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a chat's record."""

    flagged: bool


class ChatRoutes:
    """`/api/v1/chats…`."""

    def __init__(self, backends: Backends) -> None:
        self._chat = backends.chat
        self._presence = backends.presence
        self._tickets = backends.tickets

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/chats", {"GET": signed_in(self._list)}),
            guard.route("/api/v1/chats/{id}", {"PATCH": signed_in(self._change)}),
            guard.route("/api/v1/chats/{id}/ticket", {"POST": signed_in(self._ticket)}),
        ]

    async def _list(self, request: Request, agent: AgentIdentity) -> Response:
        query = read_query(request, ChatQuery)
        call = chat_pb2.ListConversationsRequest(
            site=agent.site,
            visitor=query.visitor,
            agent=query.agent,
            status=query.status,
            from_ms=_time("from", query.from_),
            to_ms=_time("to", query.to),
            only_flagged=query.flagged,
            text=query.text,
            country=query.country,
            cursor=query.cursor,
            limit=query.limit,
        )
        more_people = query.person != "" and await self._name_visitors(call, query.person)
        if query.person and not call.visitors:
            return json_response({"items": [], "next": None})
        answer = await self._chat.call(lambda stub: stub.ListConversations, call, key=agent.site)
        visitors = (state.visitor.id for state in answer.conversations)
        names = await names_now(self._presence, agent.site, visitors)
        items = [chat_json(state, names) for state in answer.conversations]
        capped = {"capped": True} if answer.capped or more_people else {}
        return json_response({"items": items, "next": answer.next or None, **capped})

    async def _name_visitors(self, call: chat_pb2.ListConversationsRequest, person: str) -> bool:
        """Puts the visitors who are called so into the request; whether there are more of them."""
        wanted = person.strip()
        if _VISITOR_ID.fullmatch(wanted):
            call.visitors.append(wanted)
            return False
        asked = presence_pb2.FindVisitorsRequest(site=call.site, text=person, limit=VISITORS_LIMIT)
        found = await self._presence.call(lambda stub: stub.FindVisitors, asked, key=call.site)
        call.visitors.extend(found.visitors)
        return found.more

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        conversation = path_id(request)
        body = await read_json(request, ChatPatch)
        call = chat_pb2.SetFlaggedRequest(site=agent.site, conversation=conversation, flagged=body.flagged)
        answer = await self._chat.call(lambda stub: stub.SetFlagged, call, key=conversation)
        names = await names_now(self._presence, agent.site, [answer.conversation.visitor.id])
        return json_response(chat_json(answer.conversation, names))

    async def _ticket(self, request: Request, agent: AgentIdentity) -> Response:
        """Takes no body, or an empty object."""
        call = tickets_pb2.OpenFromConversationRequest(
            site=agent.site,
            conversation=path_id(request),
            by=tickets_pb2.Person(kind="agent", id=agent.agent, name=agent.name),
        )
        answer = await self._tickets.call(lambda stub: stub.OpenFromConversation, call, key=call.conversation)
        names = await names_now(self._presence, agent.site, [answer.ticket.visitor.id])
        return json_response(ticket_json(answer.ticket, names), 201 if answer.created else 200)


def _time(name: str, text: str) -> int:
    """0 when not given, as the contract with chat has it."""
    if not text:
        return 0
    try:
        # A `+` of a zone that came unescaped is a space by now.
        return parse_rfc3339(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise Refused(Code.INVALID, f"The parameter {name} is no RFC 3339 time with a zone.") from None
