"""The visitor dialogue: who a visitor is, what agents changed and noted (S-23 … S-29)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import msgspec
from palique.presence.v1 import presence_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from kit.times import rfc3339
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.problems import Conflict, Guard, json_response
from services.gateway.http.request_body import Version, path_id, read_json

Erasable = str | None | msgspec.UnsetType


class VisitorPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is absent stays, what is null is taken away. What a name or an address may be is presence's to say."""

    version: Version
    name: Erasable = msgspec.UNSET
    email: Erasable = msgspec.UNSET
    phone: Erasable = msgspec.UNSET
    bio: str | msgspec.UnsetType = msgspec.UNSET


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note; `client_id` makes a second try harmless."""

    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=CLIENT_ID_LIMIT)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]


class NotePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another text, for the note as it was seen at `version`."""

    version: Version
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]


class VisitorRoutes:
    """`/api/v1/visitors/{id}` and its notes."""

    def __init__(self, backends: Backends) -> None:
        self._presence = backends.presence

    def routes(self, guard: Guard, signed_in: SignedIn) -> list[Route]:
        """The routes of this file."""
        one = {"GET": signed_in(self._read), "PATCH": signed_in(self._edit)}
        return [
            guard.route("/api/v1/visitors/{id}", one),
            guard.route("/api/v1/visitors/{id}/notes", {"POST": signed_in(self._add_note)}),
            guard.route("/api/v1/visitors/{id}/notes/{note}", {"PATCH": signed_in(self._edit_note)}),
        ]

    async def _read(self, request: Request, agent: AgentIdentity) -> Response:
        return json_response(visitor_json(await self._visitor(agent.site, path_id(request))))

    async def _edit(self, request: Request, agent: AgentIdentity) -> Response:
        visitor = path_id(request)
        body = await read_json(request, VisitorPatch)
        call = presence_pb2.EditVisitorRequest(site=agent.site, visitor=visitor, version=body.version)
        for name in ("name", "email", "phone", "bio"):
            value = getattr(body, name)
            if value is not msgspec.UNSET:
                setattr(call, name, value or "")
        async with self._telling_conflicts(agent.site, visitor):
            answer = await self._presence.call(lambda stub: stub.EditVisitor, call, key=visitor)
        return json_response(visitor_json(answer.visitor))

    async def _add_note(self, request: Request, agent: AgentIdentity) -> Response:
        visitor = path_id(request)
        body = await read_json(request, NewNote)
        call = presence_pb2.AddNoteRequest(
            site=agent.site,
            visitor=visitor,
            note=body.client_id,
            text=body.text,
            author_kind="agent",
            author=agent.agent,
            author_name=agent.name,
        )
        answer = await self._presence.call(lambda stub: stub.AddNote, call, key=visitor)
        return json_response(visitor_json(answer.visitor))

    async def _edit_note(self, request: Request, agent: AgentIdentity) -> Response:
        visitor = path_id(request)
        body = await read_json(request, NotePatch)
        call = presence_pb2.EditNoteRequest(
            site=agent.site,
            visitor=visitor,
            note=path_id(request, "note"),
            version=body.version,
            text=body.text,
            editor_kind="agent",
            editor=agent.agent,
            editor_name=agent.name,
            others=agent.role == "administrator",
        )
        async with self._telling_conflicts(agent.site, visitor):
            answer = await self._presence.call(lambda stub: stub.EditNote, call, key=visitor)
        return json_response(visitor_json(answer.visitor))

    @asynccontextmanager
    async def _telling_conflicts(self, site: str, visitor: str) -> AsyncIterator[None]:
        """Who was not first is told what is there now."""
        try:
            yield
        except Refused as refused:
            if refused.code is not Code.CONFLICT:
                raise
            raise Conflict(refused, visitor_json(await self._visitor(site, visitor))) from None

    async def _visitor(self, site: str, visitor: str) -> presence_pb2.Visitor:
        call = presence_pb2.GetVisitorRequest(site=site, visitor=visitor)
        return (await self._presence.call(lambda stub: stub.GetVisitor, call, key=visitor)).visitor


def visitor_json(visitor: presence_pb2.Visitor) -> dict[str, Any]:
    """A visitor as agents see them; `page` is what they look at now, so None when they are gone."""
    looking_at = visitor.pages[0] if visitor.online and visitor.pages else None
    return {
        "visitor": visitor.visitor,
        "version": visitor.version,
        "name": visitor.name or visitor.placeholder,
        "named": bool(visitor.name),
        "email": visitor.email or None,
        "phone": visitor.phone or None,
        "bio": visitor.bio,
        "notes": [_note_json(note) for note in visitor.notes],
        "visits": visitor.visits,
        "chats": visitor.chats,
        "first_seen": rfc3339(visitor.first_seen_ms),
        "last_seen": rfc3339(visitor.last_seen_ms),
        "online": visitor.online,
        "state": visitor.state or None,
        "since": rfc3339(visitor.since_ms) if visitor.since_ms else None,
        "location": _location_json(visitor.origin),
        "computer": _computer_json(visitor.origin),
        "page": {"url": looking_at.url, "title": looking_at.title} if looking_at else None,
        "pages": [_page_json(page) for page in visitor.pages],
    }


def _note_json(note: presence_pb2.Note) -> dict[str, Any]:
    author = {"kind": note.author_kind, "id": note.author, "name": note.author_name}
    editor = {"kind": note.editor_kind, "id": note.editor, "name": note.editor_name}
    return {
        "id": note.note,
        "version": note.version,
        "text": note.text,
        "author": author,
        "at": rfc3339(note.at_ms),
        "edited": {"by": editor, "at": rfc3339(note.edited_at_ms)} if note.edited_at_ms else None,
    }


def _location_json(origin: presence_pb2.Origin) -> dict[str, str | None]:
    return {"ip": origin.ip or None, "country": origin.country or None, "region": origin.region or None}


def _computer_json(origin: presence_pb2.Origin) -> dict[str, str | None]:
    return {
        "user_agent": origin.user_agent or None,
        "browser": origin.browser or None,
        "os": origin.os or None,
        "device": origin.device or None,
    }


def _page_json(page: presence_pb2.Page) -> dict[str, str | None]:
    return {"url": page.url, "title": page.title, "referrer": page.referrer or None, "at": rfc3339(page.at_ms)}
