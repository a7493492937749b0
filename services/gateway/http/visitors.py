"""Routes of a visitor's profile and the notes about them (requirements S-23 to S-29)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, cast

import msgspec
from msgspec import UNSET, UnsetType
from palique.presence.v1 import presence_pb2
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.codes import Code, Refused
from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from kit.times import rfc3339
from kit.vocabulary import PersonKind, VisitorState
from services.gateway.accounts.identity import AgentIdentity
from services.gateway.backends import Backends
from services.gateway.http.auth import SignedIn
from services.gateway.http.people import Author
from services.gateway.http.problems import Conflict, Guard, json_response
from services.gateway.http.request_body import Version, path_id, read_json

Erasable = str | None | UnsetType


class VisitorPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Absent fields do not change, null erases a field. Presence checks the values."""

    version: Version
    name: Erasable = UNSET
    email: Erasable = UNSET
    phone: Erasable = UNSET
    bio: str | UnsetType = UNSET


class NewNote(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A note. Repeating the request with the same `client_id` adds nothing."""

    client_id: Annotated[str, msgspec.Meta(min_length=1, max_length=CLIENT_ID_LIMIT)]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]


class NotePatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new text for the note at `version`."""

    version: Version
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=TEXT_LIMIT)]


class Edit(msgspec.Struct, frozen=True):
    """The last edit of a note."""

    by: Author
    at: str


class Note(msgspec.Struct, frozen=True):
    """A note about a visitor. `edited` is null before the first edit."""

    id: str
    version: int
    text: str
    author: Author
    at: str
    edited: Edit | None


class Location(msgspec.Struct, frozen=True):
    """Where the visitor's address is."""

    ip: str | None
    country: str | None
    region: str | None


class Computer(msgspec.Struct, frozen=True):
    """What the visitor's browser reports about itself."""

    user_agent: str | None
    browser: str | None
    os: str | None
    device: str | None


class OpenPage(msgspec.Struct, frozen=True):
    """The page that the visitor has open."""

    url: str
    title: str


class PageVisit(msgspec.Struct, frozen=True):
    """A page that the visitor opened."""

    url: str
    title: str
    referrer: str | None
    at: str


class VisitorProfile(msgspec.Struct, frozen=True):
    """A visitor as agents see them. `named` is false while `name` is a placeholder. `page` is null while the visitor is offline;
    `pages` is newest first.
    """

    visitor: str
    version: int
    name: str
    named: bool
    email: str | None
    phone: str | None
    bio: str
    notes: list[Note]
    visits: int
    chats: int
    first_seen: str
    last_seen: str
    online: bool
    state: VisitorState | None
    since: str | None
    location: Location
    computer: Computer
    page: OpenPage | None
    pages: list[PageVisit]


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
        return json_response(visitor_json(await self._visitor(agent.site_key, path_id(request))))

    async def _edit(self, request: Request, agent: AgentIdentity) -> Response:
        visitor_id = path_id(request)
        body = await read_json(request, VisitorPatch)
        call = presence_pb2.EditVisitorRequest(site=agent.site_key, visitor=visitor_id, version=body.version)
        for name in body.__struct_fields__:
            value = getattr(body, name)
            if name != "version" and value is not UNSET:
                setattr(call, name, value or "")
        async with self._with_current_on_conflict(agent.site_key, visitor_id):
            answer = await self._presence.call(lambda stub: stub.EditVisitor, call, key=visitor_id)
        return json_response(visitor_json(answer.visitor))

    async def _add_note(self, request: Request, agent: AgentIdentity) -> Response:
        visitor_id = path_id(request)
        body = await read_json(request, NewNote)
        call = presence_pb2.AddNoteRequest(
            site=agent.site_key,
            visitor=visitor_id,
            note=body.client_id,
            text=body.text,
            author_kind="agent",
            author=agent.id,
            author_name=agent.name,
        )
        answer = await self._presence.call(lambda stub: stub.AddNote, call, key=visitor_id)
        return json_response(visitor_json(answer.visitor))

    async def _edit_note(self, request: Request, agent: AgentIdentity) -> Response:
        visitor_id = path_id(request)
        body = await read_json(request, NotePatch)
        call = presence_pb2.EditNoteRequest(
            site=agent.site_key,
            visitor=visitor_id,
            note=path_id(request, "note"),
            version=body.version,
            text=body.text,
            editor_kind="agent",
            editor=agent.id,
            editor_name=agent.name,
            others=agent.role == "administrator",
        )
        async with self._with_current_on_conflict(agent.site_key, visitor_id):
            answer = await self._presence.call(lambda stub: stub.EditNote, call, key=visitor_id)
        return json_response(visitor_json(answer.visitor))

    @asynccontextmanager
    async def _with_current_on_conflict(self, site_key: str, visitor_id: str) -> AsyncIterator[None]:
        """Adds the current profile to a conflict."""
        try:
            yield
        except Refused as refused:
            if refused.code is not Code.CONFLICT:
                raise
            raise Conflict(refused, visitor_json(await self._visitor(site_key, visitor_id))) from None

    async def _visitor(self, site_key: str, visitor_id: str) -> presence_pb2.Visitor:
        call = presence_pb2.GetVisitorRequest(site=site_key, visitor=visitor_id)
        return (await self._presence.call(lambda stub: stub.GetVisitor, call, key=visitor_id)).visitor


def visitor_json(visitor: presence_pb2.Visitor) -> VisitorProfile:
    page = visitor.pages[0] if visitor.online and visitor.pages else None
    return VisitorProfile(
        visitor=visitor.visitor,
        version=visitor.version,
        name=visitor.name or visitor.placeholder,
        named=bool(visitor.name),
        email=visitor.email or None,
        phone=visitor.phone or None,
        bio=visitor.bio,
        notes=[_note_json(note) for note in visitor.notes],
        visits=visitor.visits,
        chats=visitor.chats,
        first_seen=rfc3339(visitor.first_seen_ms),
        last_seen=rfc3339(visitor.last_seen_ms),
        online=visitor.online,
        state=cast(VisitorState, visitor.state) if visitor.state else None,
        since=rfc3339(visitor.since_ms) if visitor.since_ms else None,
        location=_location_json(visitor.origin),
        computer=_computer_json(visitor.origin),
        page=OpenPage(page.url, page.title) if page else None,
        pages=[_page_json(page) for page in visitor.pages],
    )


def _note_json(note: presence_pb2.Note) -> Note:
    author = Author(cast(PersonKind, note.author_kind), note.author, note.author_name)
    editor = Author(cast(PersonKind, note.editor_kind), note.editor, note.editor_name)
    return Note(
        id=note.note,
        version=note.version,
        text=note.text,
        author=author,
        at=rfc3339(note.at_ms),
        edited=Edit(editor, rfc3339(note.edited_at_ms)) if note.edited_at_ms else None,
    )


def _location_json(origin: presence_pb2.Origin) -> Location:
    return Location(origin.ip or None, origin.country or None, origin.region or None)


def _computer_json(origin: presence_pb2.Origin) -> Computer:
    return Computer(origin.user_agent or None, origin.browser or None, origin.os or None, origin.device or None)


def _page_json(page: presence_pb2.Page) -> PageVisit:
    return PageVisit(page.url, page.title, page.referrer or None, rfc3339(page.at_ms))
