"""Chat logs: the list, one chat's whole log, the flag for review, and the ticket of a chat (S-12, S-51, S-52)."""

from typing import Annotated, Any, Literal

import msgspec
from palique.chat.v1 import chat_pb2
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.entries import entry_json
from kit.times import parse_rfc3339, rfc3339
from services.gateway.http.backends import Backends
from services.gateway.http.bodies import path_id, read_json, read_query
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.signed_in import SignedIn
from services.gateway.http.tickets import ticket_json
from services.gateway.identity import AgentIdentity

# A page of the log from chat to gateway: its largest, and far below the limit of a message.
LOG_PAGE = 500
DEFAULT_LIMIT = 50
SomeId = Annotated[str, msgspec.Meta(max_length=128)]


class ChatQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The filters of the list. Times are RFC 3339; `from` and `to` are of the start."""

    visitor: SomeId = ""
    agent: SomeId = ""
    flagged: bool = False
    from_: str = msgspec.field(default="", name="from")
    to: str = ""
    status: Literal["waiting", "active", "closed"] = "closed"
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_LIMIT


class ChatPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What can be changed of a chat's record."""

    flagged: bool


class ChatRoutes:
    """`/api/v1/chats…`."""

    def __init__(self, backends: Backends) -> None:
        self._chat = backends.chat
        self._tickets = backends.tickets

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/chats", {"GET": signed_in(self._list)}),
            guard.route("/api/v1/chats/{id}", {"PATCH": signed_in(self._change)}),
            guard.route("/api/v1/chats/{id}/log", {"GET": signed_in(self._log)}),
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
            cursor=query.cursor,
            limit=query.limit,
        )
        answer = await self._chat.call(lambda stub: stub.ListConversations, call, key=agent.site)
        return json_response(
            {"items": [chat_json(state) for state in answer.conversations], "next": answer.next or None}
        )

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        conversation = path_id(request)
        body = await read_json(request, ChatPatch)
        call = chat_pb2.SetFlaggedRequest(site=agent.site, conversation=conversation, flagged=body.flagged)
        answer = await self._chat.call(lambda stub: stub.SetFlagged, call, key=conversation)
        return json_response(chat_json(answer.conversation))

    async def _log(self, request: Request, agent: AgentIdentity) -> Response:
        """The entries are read to the end after the state, so they are never older than it."""
        conversation = path_id(request)
        reader = chat_pb2.Person(kind="agent", id=agent.agent, name=agent.name)
        asked = chat_pb2.GetConversationRequest(site=agent.site, conversation=conversation, reader=reader)
        state = (await self._chat.call(lambda stub: stub.GetConversation, asked, key=conversation)).conversation
        page = chat_pb2.FetchRequest(site=agent.site, conversation=conversation, reader=reader, limit=LOG_PAGE)
        entries: list[chat_pb2.Entry] = []
        more = True
        while more:
            answer = await self._chat.call(lambda stub: stub.Fetch, page, key=conversation)
            entries += answer.entries
            more = answer.more and bool(answer.entries)
            page.after = entries[-1].seq if entries else 0
        head = {"epoch": state.epoch, "head": max(state.head, page.after)}
        return json_response({**chat_json(state), **head, "entries": [entry_json(entry) for entry in entries]})

    async def _ticket(self, request: Request, agent: AgentIdentity) -> Response:
        """Takes no body, or an empty object."""
        call = tickets_pb2.OpenFromConversationRequest(
            site=agent.site,
            conversation=path_id(request),
            by=tickets_pb2.Person(kind="agent", id=agent.agent, name=agent.name),
        )
        answer = await self._tickets.call(lambda stub: stub.OpenFromConversation, call, key=call.conversation)
        return json_response(ticket_json(answer.ticket), 201 if answer.created else 200)


def chat_json(state: chat_pb2.Conversation) -> dict[str, Any]:
    """A chat as a row of the logs; an open one has no end and no duration yet."""
    ended = bool(state.ended_at_ms)
    return {
        "conversation": state.conversation,
        "status": state.status,
        "visitor": {
            "id": state.visitor.id,
            "name": state.visitor.name,
            "region": state.region or None,
            "country": state.country or None,
        },
        "agents": [{"id": agent.id, "name": agent.name} for agent in state.agents],
        "started_by": state.started_by,
        "started_at": rfc3339(state.started_at_ms),
        "ended_at": rfc3339(state.ended_at_ms) if ended else None,
        "duration_s": (state.ended_at_ms - state.started_at_ms) // 1000 if ended else None,
        "messages": state.messages,
        "flagged": state.flagged,
    }


def _time(name: str, text: str) -> int:
    """0 when not given, as the contract with chat has it."""
    if not text:
        return 0
    try:
        # A `+` of a zone that came unescaped is a space by now.
        return parse_rfc3339(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise Refused(Code.INVALID, f"The parameter {name} is no RFC 3339 time with a zone.") from None
