"""Changes of a visitor's profile by people. Pure; touches nothing of presence (I-13).

Nobody overwrites what they have not seen: an edit names the version that it was made on (S-59). What comes again is known by
what it says, not taken for a second change.
"""

from msgspec import Struct
from msgspec.structs import asdict, replace

from kit.codes import Code, Refused
from services.presence.domain import validation
from services.presence.domain.visitor import Note, Visitor, Writer

# A record is one document: 200 notes of 4,000 characters stay far below MongoDB's 16 MB.
NOTES_KEPT = 200


class NoteEdit(Struct, frozen=True, kw_only=True):
    """Another text for a note that was seen at `version`. Who edits may be let at `others`' notes too."""

    note: str
    version: int
    text: str
    editor: Writer
    others: bool
    at: int


class Edit(Struct, frozen=True, kw_only=True):
    """None: unchanged. Empty: taken away."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    bio: str | None = None


def cleaned(edit: Edit) -> Edit:
    """The edit with each field in its form; Refused(invalid) when one cannot be."""
    return Edit(
        name=None if edit.name is None else validation.name(edit.name),
        email=None if edit.email is None else validation.email(edit.email),
        phone=None if edit.phone is None else validation.phone(edit.phone),
        bio=None if edit.bio is None else validation.bio(edit.bio),
    )


def edited(visitor: Visitor, version: int, edit: Edit) -> Visitor:
    """The visitor with the edit; the same object when all holds already; Refused(conflict) when the version is old."""
    given = {field: value for field, value in asdict(edit).items() if value is not None}
    if all(getattr(visitor, field) == value for field, value in given.items()):
        return visitor
    if version != visitor.version:
        raise Refused(
            Code.CONFLICT, f"Somebody changed this visitor: it is at version {visitor.version}, not {version}."
        )
    return replace(visitor, **given, version=visitor.version + 1)


def noted(visitor: Visitor, note: Note) -> Visitor:
    """The visitor with the note, newest last; the same object when the note's id is there already."""
    if any(old.note == note.note for old in visitor.notes):
        return visitor
    if len(visitor.notes) >= NOTES_KEPT:
        raise Refused(Code.TOO_LARGE, f"A visitor has {NOTES_KEPT} notes at most.")
    return replace(visitor, notes=(*visitor.notes, note), version=visitor.version + 1)


def renoted(visitor: Visitor, edit: NoteEdit) -> Visitor:
    """The visitor with another text of the note; the same object when it says so already.

    Refused: not_found, forbidden when the note is somebody else's, conflict when it is not at the edit's version.
    """
    old = next((note for note in visitor.notes if note.note == edit.note), None)
    if old is None:
        raise Refused(Code.NOT_FOUND, "There is no such note.")
    if not edit.others and (old.author_kind, old.author) != (edit.editor.kind, edit.editor.id):
        raise Refused(Code.FORBIDDEN, "Only who wrote a note and administrators may edit it.")
    if old.text == edit.text:
        return visitor
    if old.version != edit.version:
        raise Refused(Code.CONFLICT, f"Somebody changed this note: it is at version {old.version}, not {edit.version}.")
    kind, editor, name = edit.editor
    new = replace(
        old,
        text=edit.text,
        version=old.version + 1,
        edited_at=edit.at,
        editor_kind=kind,
        editor=editor,
        editor_name=name,
    )
    notes = tuple(new if note is old else note for note in visitor.notes)
    return replace(visitor, notes=notes, version=visitor.version + 1)
