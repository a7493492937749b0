"""Edits of a visitor's profile and notes. Pure; they do not change presence (requirement I-13).

An edit names the version that it was made on, so no edit overwrites another one unseen (requirement S-59). An edit whose values are
stored already counts as repeated and changes nothing.
"""

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from kit.codes import Code, Refused
from services.presence.domain import profile_fields
from services.presence.domain.visitor import Note, Person, Visitor

# A record is one document: 200 notes of 4,000 characters are far below MongoDB's limit of 16 MB.
MAX_NOTES = 200


# New texts by field of `profile_fields.RULES`; an empty text clears the field.
ProfileEdit = Mapping[str, str]


class NoteEdit(Struct, frozen=True, kw_only=True):
    """A new text for a note at `version`. With `may_edit_others` the editor need not be the author."""

    note_id: str
    version: int
    text: str
    editor: Person
    may_edit_others: bool
    at: int


def normalized(edit: ProfileEdit) -> ProfileEdit:
    """Each field in its stored form; Refused(invalid) for a field that has none."""
    return {field: profile_fields.RULES[field](text) for field, text in edit.items()}


def fitting(edit: ProfileEdit) -> tuple[ProfileEdit, Refused | None]:
    """The fields that have a stored form, in that form, and the refusal of the first other field."""
    good: dict[str, str] = {}
    refused: Refused | None = None
    for field, text in edit.items():
        try:
            good[field] = profile_fields.RULES[field](text)
        except Refused as reason:
            refused = refused or reason
    return good, refused


def edit_profile(visitor: Visitor, version: int, edit: ProfileEdit) -> Visitor:
    """The same object when the values are stored already. Refused(conflict) when `version` is not the current one."""
    if all(getattr(visitor, field) == text for field, text in edit.items()):
        return visitor
    if version != visitor.version:
        raise Refused(Code.CONFLICT, f"The visitor has changed: its version is {visitor.version}, not {version}.")
    return replace(visitor, **edit, version=visitor.version + 1)


def fill_profile(visitor: Visitor, edit: ProfileEdit) -> Visitor:
    """Sets the fields that are empty now, so that a page, which is not to be trusted, replaces nothing.

    The same object when there is no such field.
    """
    missing = {field: text for field, text in edit.items() if text and not getattr(visitor, field)}
    return replace(visitor, **missing, version=visitor.version + 1) if missing else visitor


def add_note(visitor: Visitor, note: Note) -> Visitor:
    """Appends a note; the same object when a note has this id. Refused(too_large) at MAX_NOTES."""
    if any(old.id == note.id for old in visitor.notes):
        return visitor
    if len(visitor.notes) >= MAX_NOTES:
        raise Refused(Code.TOO_LARGE, f"A visitor has {MAX_NOTES} notes at most.")
    return replace(visitor, notes=(*visitor.notes, note), version=visitor.version + 1)


def edit_note(visitor: Visitor, edit: NoteEdit) -> Visitor:
    """The same object when the note has this text already.

    Refused: not_found; forbidden when the editor is neither the author nor an administrator; conflict when the version is not current.
    """
    old = next((note for note in visitor.notes if note.id == edit.note_id), None)
    if old is None:
        raise Refused(Code.NOT_FOUND, "There is no such note.")
    if not edit.may_edit_others and (old.author_kind, old.author_id) != (edit.editor.kind, edit.editor.id):
        raise Refused(Code.FORBIDDEN, "Only its author and administrators may edit a note.")
    if old.text == edit.text:
        return visitor
    if old.version != edit.version:
        raise Refused(Code.CONFLICT, f"The note has changed: its version is {old.version}, not {edit.version}.")
    new = replace(
        old,
        text=edit.text,
        version=old.version + 1,
        edited_at=edit.at,
        editor_kind=edit.editor.kind,
        editor_id=edit.editor.id,
        editor_name=edit.editor.name,
    )
    notes = tuple(new if note is old else note for note in visitor.notes)
    return replace(visitor, notes=notes, version=visitor.version + 1)
