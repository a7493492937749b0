"""Strict checks of what callers send. Pure: each gives its value back, or raises Refused(invalid) naming the field."""

import re
from collections.abc import Iterable, Sequence

from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from kit.text.search_terms import query_terms
from kit.text.visible import has_visible_text
from kit.vocabulary import CONVERSATION_STATUSES, PERSON_KINDS, TEXT_KINDS
from services.chat.domain.log import Person
from services.chat.ports import Position

NAME_LIMIT = 200
REGION_LIMIT = 100
# What people type into a search box.
SEARCH_LIMIT = 200
# Each a range of the index in one list.
VISITORS_LIMIT = 100
# A connection's id; ours have 32.
ORIGIN_LIMIT = 64
# The largest seq that an entry's id has room for.
SEQ_LIMIT = 999_999_999

_SITE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CONVERSATION = re.compile(r"[0-9a-f]{32}")
# No `%` and no `$`: ids become names of fields of marks.
_PERSON_ID = re.compile(r"[A-Za-z0-9_.@+:-]{1,128}")
_COUNTRY = re.compile(r"([A-Z]{2})?")
_CURSOR = re.compile(r"([0-9]{1,15})-([0-9a-f]{32})")


def _invalid(field: str, what: str) -> Refused:
    return Refused(Code.INVALID, f"{field}: {what}.")


def _matching(field: str, value: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(value):
        raise _invalid(field, what)
    return value


def _at_most(field: str, value: str, limit: int) -> str:
    if len(value) > limit or "\0" in value:
        raise _invalid(field, f"{limit} characters at most, and no NUL")
    return value


def site(value: str) -> str:
    return _matching("site", value, _SITE, "small letters, digits, - and _, 64 at most")


def conversation(value: str) -> str:
    """Whatever is no id of a conversation of ours does not exist."""
    if not _CONVERSATION.fullmatch(value):
        raise Refused(Code.NOT_FOUND, "There is no such conversation.")
    return value


def person(field: str, message: chat_pb2.Person) -> Person:
    if message.kind not in PERSON_KINDS:
        raise _invalid(f"{field}.kind", f"one of {', '.join(PERSON_KINDS)}")
    person_id(f"{field}.id", message.id)
    return Person(message.kind, message.id, _at_most(f"{field}.name", message.name, NAME_LIMIT))


def person_id(field: str, value: str) -> str:
    return _matching(field, value, _PERSON_ID, "1 to 128 letters, digits and _.@+:-")


def text_kind(value: str) -> str:
    if value not in TEXT_KINDS:
        raise _invalid("kind", " or ".join(sorted(TEXT_KINDS)))
    return value


def client_id(value: str) -> str:
    if not value.strip():
        raise _invalid("client_id", f"1 to {CLIENT_ID_LIMIT} characters")
    return _at_most("client_id", value, CLIENT_ID_LIMIT)


def text(value: str) -> str:
    if not has_visible_text(value):
        raise _invalid("text", "not empty or blank")
    return _at_most("text", value, TEXT_LIMIT)


def origin(value: str) -> str:
    return _at_most("origin", value, ORIGIN_LIMIT)


def country(value: str) -> str:
    return _matching("country", value, _COUNTRY, "two capital letters, or empty")


def region(value: str) -> str:
    return _at_most("region", value, REGION_LIMIT)


def words(text: str) -> tuple[str, ...]:
    """What to search for; nothing where nothing is asked, and a refusal for a text without a word in it."""
    found = tuple(query_terms(_at_most("text", text, SEARCH_LIMIT)))
    if text.strip() and not found:
        raise _invalid("text", "a word of letters or digits")
    return found


def visitors(values: Sequence[str]) -> tuple[str, ...]:
    between("visitors", len(values), 0, VISITORS_LIMIT)
    return tuple(person_id("visitors", value) for value in values)


def status(value: str) -> str:
    if value and value not in CONVERSATION_STATUSES:
        raise _invalid("status", f"one of {', '.join(CONVERSATION_STATUSES)}, or empty")
    return value


def seq(field: str, value: int) -> int:
    return between(field, value, 0, SEQ_LIMIT)


def between(field: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise _invalid(field, f"{least} to {most}")
    return value


def cursors(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """What cannot be a cursor is left out: one client's nonsense is not to hide what others missed."""
    return {key: max(0, seq) for key, seq in pairs if _CONVERSATION.fullmatch(key) and seq <= SEQ_LIMIT}


def position(cursor: str) -> Position | None:
    """Where a page starts; None for the first."""
    if not cursor:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise _invalid("cursor", "only what an earlier page gave")
    return Position(int(match[1]), match[2])


def cursor_of(after: Position | None) -> str:
    """The other way round."""
    return f"{after.started_at_ms}-{after.conversation}" if after else ""
