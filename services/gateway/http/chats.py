"""Routes of chat logs: the list with filters and search, the review flag, the ticket of a chat (requirements S-12, S-51)."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, cast

import msgspec
from msgspec import UNSET, UnsetType
from palique.chat.v1 import chat_pb2
from palique.presence.v1 import presence_pb2
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.text.visible import has_visible_text
from kit.times import parse_rfc3339
from kit.vocabulary import ConversationStatus
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.chat_json import ChatItem, chat_json
from services.gateway.http.people import Author, author_json
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.request_body import path_id, read_json, read_query
from services.gateway.http.ticket_json import ticket_json
from services.gateway.http.visitor_names import current_names

DEFAULT_PAGE_SIZE = 50
TextKind = Literal["message", "note"]
PersonId = Annotated[str, msgspec.Meta(max_length=128)]
Search = Annotated[str, msgspec.Meta(max_length=200)]
# A name that matches more visitors is too vague; the search uses those seen last.
MAX_VISITORS = 100
_VISITOR_ID = re.compile(r"[0-9a-f]{32}")


class ChatQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Filters of the list. `from` and `to` bound the start, in RFC 3339. `visitor` is an id; `person` is an id, or words of the
    visitor's name or e-mail address. `text` searches closed chats.
    """

    visitor: PersonId = ""
    person: Search = ""
    text: Search = ""
    country: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    agent: PersonId = ""
    flagged: bool = False
    from_: str = msgspec.field(default="", name="from")
    to: str = ""
    status: ConversationStatus = "closed"
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_PAGE_SIZE


class ChatPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The review flag."""

    flagged: bool


class ExcerptPart(msgspec.Struct, frozen=True):
    """A part of an excerpt; a marked one is a word of the search."""

    text: str
    marked: bool


class SearchHit(msgspec.Struct, frozen=True):
    """The message or note that the search found: its place in the log, and its text around the words."""

    seq: int
    kind: TextKind
    author: Author
    excerpt: list[ExcerptPart]


class ListedChat(ChatItem, frozen=True):
    """A chat in a list. `hit` is absent without a search, and when only the visitor's name has the words."""

    hit: SearchHit | UnsetType = UNSET


class ChatList(msgspec.Struct, frozen=True):
    """`next` is the cursor of the next page, null on the last one. `capped`: the search stopped at its bound, there may be more."""

    items: list[ListedChat]
    next: str | None
    capped: bool | UnsetType = UNSET


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
            site=agent.site_key,
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
            reader=chat_pb2.Person(kind="agent", id=agent.id, name=agent.name),
        )
        with_person = has_visible_text(query.person)
        more_visitors = with_person and await self._add_visitors(call, query.person)
        if with_person and not call.visitors:
            return json_response(ChatList([], None))
        answer = await self._chat.call(lambda stub: stub.ListConversations, call, key=agent.site_key)
        visitor_ids = (state.visitor.id for state in answer.conversations)
        names = await current_names(self._presence, agent.site_key, visitor_ids)
        hits = {hit.conversation: _hit_json(hit, names) for hit in answer.hits}
        items = [_listed(chat_json(state, names), hits) for state in answer.conversations]
        return json_response(ChatList(items, answer.next or None, answer.capped or more_visitors or UNSET))

    async def _add_visitors(self, call: chat_pb2.ListConversationsRequest, person: str) -> bool:
        """Adds the visitors that match to the request; True when more than MAX_VISITORS match."""
        wanted = person.strip()
        if _VISITOR_ID.fullmatch(wanted):
            call.visitors.append(wanted)
            return False
        find = presence_pb2.FindVisitorsRequest(site=call.site, text=person, limit=MAX_VISITORS)
        found = await self._presence.call(lambda stub: stub.FindVisitors, find, key=call.site)
        call.visitors.extend(found.visitors)
        return found.more

    async def _change(self, request: Request, agent: AgentIdentity) -> Response:
        conversation_id = path_id(request)
        body = await read_json(request, ChatPatch)
        call = chat_pb2.SetFlaggedRequest(site=agent.site_key, conversation=conversation_id, flagged=body.flagged)
        answer = await self._chat.call(lambda stub: stub.SetFlagged, call, key=conversation_id)
        names = await current_names(self._presence, agent.site_key, [answer.conversation.visitor.id])
        return json_response(chat_json(answer.conversation, names))

    async def _ticket(self, request: Request, agent: AgentIdentity) -> Response:
        """Takes no body, or an empty object."""
        call = tickets_pb2.OpenFromConversationRequest(
            site=agent.site_key,
            conversation=path_id(request),
            by=tickets_pb2.Person(kind="agent", id=agent.id, name=agent.name),
        )
        answer = await self._tickets.call(lambda stub: stub.OpenFromConversation, call, key=call.conversation)
        names = await current_names(self._presence, agent.site_key, [answer.ticket.visitor.id])
        return json_response(ticket_json(answer.ticket, names), 201 if answer.created else 200)


def _listed(chat: ChatItem, hits: Mapping[str, SearchHit]) -> ListedChat:
    return ListedChat(**msgspec.structs.asdict(chat), hit=hits.get(chat.conversation, UNSET))


def _hit_json(hit: chat_pb2.SearchHit, names: Mapping[str, str]) -> SearchHit:
    parts = [ExcerptPart(part.text, part.marked) for part in hit.excerpt]
    return SearchHit(hit.seq, cast(TextKind, hit.kind), author_json(hit.author, names), parts)


def _time(name: str, text: str) -> int:
    """Milliseconds since 1970; 0 for an absent parameter, as in chat's contract."""
    if not text:
        return 0
    try:
        # A zone's `+` arrives as a space when the client does not escape it.
        return parse_rfc3339(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise Refused(Code.INVALID, f"Write the parameter {name} as an RFC 3339 time with a zone.") from None
