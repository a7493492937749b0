"""A visitor's profile and notes as JSON, and the change of a profile."""

from typing import cast

import msgspec
from msgspec import UNSET, UnsetType
from palique.presence.v1 import presence_pb2

from kit.times import rfc3339
from kit.vocabulary import PersonKind, VisitorState
from services.gateway.http.people import Author
from services.gateway.http.request_body import Version

Erasable = str | None | UnsetType


class VisitorPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Absent fields do not change, null erases a field. Presence checks the values."""

    version: Version
    name: Erasable = UNSET
    email: Erasable = UNSET
    phone: Erasable = UNSET
    bio: str | UnsetType = UNSET


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


class PageField(msgspec.Struct, frozen=True):
    """A value that the site's page gives about the visit, unsigned."""

    key: str
    value: str


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
    fields: list[PageField]


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
        fields=[PageField(field.key, field.value) for field in visitor.fields],
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
