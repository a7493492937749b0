"""One chat as it was: its whole log with the ticket that it has, and the log as a file to keep (S-12, S-52)."""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec
from palique.chat.v1 import chat_pb2
from palique.tickets.v1 import tickets_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.entry_json import entry_json
from kit.times import rfc3339
from kit.vocabulary import DEFAULT_LANGUAGE, Language
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.chat_json import chat_json
from services.gateway.http.problems import Guard, json_response
from services.gateway.http.request_body import path_id, read_query
from services.gateway.http.transcript_export import Line, Talk, transcript
from services.gateway.http.visitor_names import names_now

# A page of the log from chat to gateway: its largest, and far below the limit of a message.
LOG_PAGE = 500
# The log does not wait for its ticket any longer than this.
TICKET_PATIENCE_S = 1.0


class ExportQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`language` is of the words around the text."""

    format: Literal["text", "json"] = "text"
    language: Language = DEFAULT_LANGUAGE


class Log(NamedTuple):
    """`head` is never behind the entries."""

    state: chat_pb2.Conversation
    head: int
    entries: list[chat_pb2.Entry]


class ChatLogRoutes:
    """`/api/v1/chats/{id}/log` and `/export`."""

    def __init__(self, backends: Backends) -> None:
        self._chat = backends.chat
        self._presence = backends.presence
        self._tickets = backends.tickets

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        return [
            guard.route("/api/v1/chats/{id}/log", {"GET": signed_in(self._log)}),
            guard.route("/api/v1/chats/{id}/export", {"GET": signed_in(self._export)}),
        ]

    async def _log(self, request: Request, agent: AgentIdentity) -> Response:
        conversation = path_id(request)
        log, ticket = await asyncio.gather(self._read(agent, conversation), self._ticket(agent.site, conversation))
        names = await names_now(self._presence, agent.site, [log.state.visitor.id])
        return json_response({**log_json(log, names), **ticket})

    async def _export(self, request: Request, agent: AgentIdentity) -> Response:
        query = read_query(request, ExportQuery)
        log = await self._read(agent, path_id(request))
        # What is kept tells of its time, names included.
        if query.format == "json":
            body = msgspec.json.format(msgspec.json.encode(log_json(log, {})), indent=2)
            return _file(log.state, body, "json", "application/json")
        text = transcript(_talk(log), query.language)
        return _file(log.state, text.encode(), "txt", "text/plain; charset=utf-8")

    async def _read(self, agent: AgentIdentity, conversation: str) -> Log:
        """The entries are read to the end after the state, so they are never older than it."""
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
        return Log(state, max(state.head, page.after), entries)

    async def _ticket(self, site: str, conversation: str) -> dict[str, Any]:
        """Nothing is said of it while tickets cannot be asked: the log is there all the same."""
        call = tickets_pb2.GetTicketOfConversationRequest(site=site, conversation=conversation)
        try:
            answer = await self._tickets.call(
                lambda stub: stub.GetTicketOfConversation, call, key=conversation, timeout_s=TICKET_PATIENCE_S
            )
        except Refused as refused:
            return {"ticket": None} if refused.code is Code.NOT_FOUND else {}
        return {"ticket": {"id": answer.ticket.ticket, "number": answer.ticket.number}}


def log_json(log: Log, names: Mapping[str, str]) -> dict[str, Any]:
    """A chat with all its entries. `names` are what visitors are called now; entries keep those of their time."""
    entries = [entry_json(entry) for entry in log.entries]
    return {**chat_json(log.state, names), "epoch": log.state.epoch, "head": log.head, "entries": entries}


def _talk(log: Log) -> Talk:
    return Talk(
        visitor=log.state.visitor.name,
        agents=[agent.name for agent in log.state.agents],
        started_at_ms=log.state.started_at_ms,
        ended_at_ms=log.state.ended_at_ms,
        lines=[_line(entry) for entry in log.entries],
    )


def _line(entry: chat_pb2.Entry) -> Line:
    who = entry.agent if entry.HasField("agent") else entry.author
    return Line(entry.at_ms, entry.kind, who.name or who.id, entry.text)


def _file(state: chat_pb2.Conversation, body: bytes, ending: str, kind: str) -> Response:
    """Its name is made of a date and an id of ours: nothing in it is anybody's text. Never shown in place, only kept."""
    name = f"chat-{rfc3339(state.started_at_ms)[:10]}-{state.conversation}.{ending}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    return Response(body, headers=headers, media_type=kind)
