"""Routes of one chat's log, whole or in pages, with its ticket, and of its export as a file (requirements S-12, S-52)."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType
from palique.chat.v1 import chat_pb2
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.entry_json import EntryJson, entry_json
from kit.times import rfc3339
from kit.vocabulary import DEFAULT_LANGUAGE, Language
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.chat_json import ChatItem, chat_json
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.request_body import path_id, read_query
from services.gateway.http.transcript_export import Chat, Line, transcript
from services.gateway.http.visitor_names import current_names

# Chat's largest page, far below the size limit of a gRPC message.
LOG_PAGE_SIZE = 500
DEFAULT_LIMIT = 100
Seq = Annotated[int, msgspec.Meta(ge=1, le=999_999_999)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=LOG_PAGE_SIZE)]
# After this time the log is sent without its ticket.
TICKET_TIMEOUT_S = 1.0


class LogQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without parameters the whole log; with `limit` its newest entries, or the ones around the seq `at`."""

    at: Seq | UnsetType = UNSET
    limit: Limit | UnsetType = UNSET


class EntriesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The entries next to a seq, which is not among them: `before` or `after`. Without both the oldest entries."""

    before: Seq | UnsetType = UNSET
    after: Seq | UnsetType = UNSET
    limit: Limit = DEFAULT_LIMIT


class LogEntries(msgspec.Struct, frozen=True):
    """A page of a log. `head` is the seq of the newest entry."""

    epoch: int
    head: int
    entries: list[EntryJson]


class ExportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`language` is the language of the labels around the messages."""

    format: Literal["text", "json"] = "text"
    language: Language = DEFAULT_LANGUAGE


class TicketReference(msgspec.Struct, frozen=True):
    """The ticket of a chat."""

    id: str
    number: int


class ChatLog(ChatItem, frozen=True):
    """A chat with entries of its log. `ticket` is null without a ticket, absent while tickets does not respond."""

    epoch: int
    head: int
    entries: list[EntryJson]
    ticket: TicketReference | UnsetType | None = UNSET


class Log(NamedTuple):
    """`head` is never less than the seq of the last entry."""

    state: chat_pb2.Conversation
    head: int
    entries: list[chat_pb2.Entry]


class ChatLogRoutes:
    """`/api/v1/chats/{id}/log`, `/entries` and `/export`."""

    def __init__(self, backends: Backends, *, page_size: int = LOG_PAGE_SIZE) -> None:
        self._chat = backends.chat
        self._presence = backends.presence
        self._tickets = backends.tickets
        self._page_size = page_size

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/chats/{id}/log", {"GET": signed_in(self._read)}),
            guard.route("/api/v1/chats/{id}/entries", {"GET": signed_in(self._entries)}),
            guard.route("/api/v1/chats/{id}/export", {"GET": signed_in(self._export)}),
        ]

    async def _read(self, request: Request, agent: AgentIdentity) -> Response:
        conversation_id = path_id(request)
        query = read_query(request, LogQuery)
        log, ticket = await asyncio.gather(
            self._log(agent, conversation_id, query), self._ticket(agent.site_key, conversation_id)
        )
        names = await current_names(self._presence, agent.site_key, [log.state.visitor.id])
        return json_response(log_json(log, names, ticket))

    async def _entries(self, request: Request, agent: AgentIdentity) -> Response:
        query = read_query(request, EntriesQuery)
        after, limit = page_of(query)
        page = await self._page(agent, path_id(request), after, max(1, limit))
        visitor_ids = {entry.author.id for entry in page.entries if entry.author.kind == "visitor"}
        names = await current_names(self._presence, agent.site_key, visitor_ids)
        entries = [entry_json(renamed(entry, names)) for entry in page.entries[:limit]]
        return json_response(LogEntries(page.epoch, page.head, entries))

    async def _export(self, request: Request, agent: AgentIdentity) -> Response:
        query = read_query(request, ExportQuery)
        log = await self._log(agent, path_id(request), LogQuery())
        names = await current_names(self._presence, agent.site_key, [log.state.visitor.id])
        if query.format == "json":
            body = msgspec.json.format(msgspec.json.encode(log_json(log, names, UNSET)), indent=2)
            return _file(log.state, body, "json", "application/json")
        text = transcript(_chat(log, names), query.language)
        return _file(log.state, text.encode(), "txt", "text/plain; charset=utf-8")

    async def _log(self, agent: AgentIdentity, conversation_id: str, query: LogQuery) -> Log:
        """Reads the state before the entries, so the entries are never older than the state."""
        call = chat_pb2.GetConversationRequest(site=agent.site_key, conversation=conversation_id, reader=_reader(agent))
        state = (await self._chat.call(lambda stub: stub.GetConversation, call, key=conversation_id)).conversation
        if query.at is not UNSET or query.limit is not UNSET:
            limit = query.limit or DEFAULT_LIMIT
            after = window_start(state.head, query.at or state.head, limit)
            page = await self._page(agent, conversation_id, after, limit)
            return Log(state, max(state.head, page.head), list(page.entries))
        entries: list[chat_pb2.Entry] = []
        more = True
        while more:
            last = entries[-1].seq if entries else 0
            page = await self._page(agent, conversation_id, last, self._page_size)
            entries += page.entries
            more = page.more and bool(page.entries)
        return Log(state, max(state.head, entries[-1].seq if entries else 0), entries)

    async def _page(self, agent: AgentIdentity, conversation_id: str, after: int, limit: int) -> chat_pb2.FetchResponse:
        """The entries after a seq that the agent may see; Refused(not_found) for another site's conversation."""
        call = chat_pb2.FetchRequest(
            site=agent.site_key, conversation=conversation_id, reader=_reader(agent), after=after, limit=limit
        )
        return await self._chat.call(lambda stub: stub.Fetch, call, key=conversation_id)

    async def _ticket(self, site_key: str, conversation_id: str) -> TicketReference | UnsetType | None:
        """None without a ticket; UNSET while tickets does not respond, because the log must be readable then."""
        call = tickets_pb2.GetTicketOfConversationRequest(site=site_key, conversation=conversation_id)
        try:
            answer = await self._tickets.call(
                lambda stub: stub.GetTicketOfConversation, call, key=conversation_id, timeout_s=TICKET_TIMEOUT_S
            )
        except Refused as refused:
            return None if refused.code is Code.NOT_FOUND else UNSET
        return TicketReference(answer.ticket.ticket, answer.ticket.number)


def _reader(agent: AgentIdentity) -> chat_pb2.Person:
    return chat_pb2.Person(kind="agent", id=agent.id, name=agent.name)


def window_start(head: int, at: int, limit: int) -> int:
    """The seq before a window of `limit` entries with `at` in its middle, or as near to it as the ends of the log permit."""
    return max(0, min(at - 1 - limit // 2, head - limit))


def page_of(query: EntriesQuery) -> tuple[int, int]:
    """The seq before the page, and its number of entries. Seqs are dense, so a page before a seq has a known start."""
    if query.before is UNSET:
        return query.after or 0, query.limit
    if query.after is not UNSET:
        raise Refused(Code.INVALID, "Use one of the parameters before and after.")
    after = max(0, query.before - 1 - query.limit)
    return after, query.before - 1 - after


def log_json(log: Log, names: Mapping[str, str], ticket: TicketReference | UnsetType | None) -> ChatLog:
    """`names` are the visitors' current names, by id."""
    return ChatLog(
        **msgspec.structs.asdict(chat_json(log.state, names)),
        epoch=log.state.epoch,
        head=log.head,
        entries=[entry_json(renamed(entry, names)) for entry in log.entries],
        ticket=ticket,
    )


def renamed(entry: chat_pb2.Entry, names: Mapping[str, str]) -> chat_pb2.Entry:
    """The entry with its author's current name: an entry has the name of its time, and a talk shows one name for one visitor."""
    if entry.author.kind == "visitor" and entry.author.id in names:
        entry.author.name = names[entry.author.id]
    return entry


def _chat(log: Log, names: Mapping[str, str]) -> Chat:
    return Chat(
        visitor=names.get(log.state.visitor.id, log.state.visitor.name),
        agents=[agent.name for agent in log.state.agents],
        started_at_ms=log.state.started_at_ms,
        ended_at_ms=log.state.ended_at_ms,
        lines=[_line(renamed(entry, names)) for entry in log.entries],
    )


def _line(entry: chat_pb2.Entry) -> Line:
    person = entry.agent if entry.HasField("agent") else entry.author
    return Line(entry.at_ms, entry.kind, person.name or person.id, entry.text)


def _file(state: chat_pb2.Conversation, body: bytes, extension: str, media_type: str) -> Response:
    """A download, never displayed in place. The file name contains a date and our own id, no text of a person."""
    name = f"chat-{rfc3339(state.started_at_ms)[:10]}-{state.conversation}.{extension}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(body, headers=headers, media_type=media_type)
