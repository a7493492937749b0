"""Strict validation of requests. Pure: each function returns its value, or raises Refused(invalid) that names the field."""

import re
from collections.abc import Iterable, Sequence

from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from kit.entry_json import CLIENT_ID_LIMIT, TEXT_LIMIT
from kit.text.search_terms import query_terms
from kit.text.visible import has_visible_text
from kit.vocabulary import CONVERSATION_STATUSES, PERSON_KINDS, TEXT_KINDS
from services.chat.domain.commands import not_found
from services.chat.domain.log import Person
from services.chat.ports import ListPosition

MAX_NAME = 200
MAX_REGION = 100
# A text typed into a search box.
MAX_SEARCH = 200
# Each is a range of the index in one query.
MAX_VISITORS = 100
# Id of a connection; the gateway's have 32 characters.
MAX_ORIGIN = 64
# The largest seq that fits the nine digits of an entry's `_id`.
MAX_SEQ = 999_999_999
# Of RequeueOfAgents.
REQUEUE_REASONS = ("agent_lost", "disabled")

_SITE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CONVERSATION = re.compile(r"[0-9a-f]{32}")
# No `%` and no `$`: ids become field names of read marks.
_PERSON_ID = re.compile(r"[A-Za-z0-9_.@+:-]{1,128}")
_COUNTRY = re.compile(r"([A-Z]{2})?")
_CURSOR = re.compile(r"([0-9]{1,15})-([0-9a-f]{32})")


def _invalid(field: str, what: str) -> Refused:
    return Refused(Code.INVALID, f"{field}: {what}.")


def _matching(field: str, value: str, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(value):
        raise _invalid(field, what)
    return value


def _at_most(field: str, value: str, maximum: int) -> str:
    if len(value) > maximum or "\0" in value:
        raise _invalid(field, f"at most {maximum} characters, without NUL")
    return value


def site(value: str) -> str:
    return _matching("site", value, _SITE, "1 to 64 lower-case letters, digits, - and _")


def conversation_id(value: str) -> str:
    """A malformed id gets the same answer as a conversation that does not exist."""
    if not _CONVERSATION.fullmatch(value):
        raise not_found()
    return value


def person(field: str, message: chat_pb2.Person) -> Person:
    if message.kind not in PERSON_KINDS:
        raise _invalid(f"{field}.kind", f"one of {', '.join(PERSON_KINDS)}")
    person_id(f"{field}.id", message.id)
    return Person(message.kind, message.id, _at_most(f"{field}.name", message.name, MAX_NAME))


def person_id(field: str, value: str) -> str:
    return _matching(field, value, _PERSON_ID, "1 to 128 letters, digits and _.@+:-")


def requeue_reason(value: str) -> str:
    if value not in REQUEUE_REASONS:
        raise _invalid("reason", f"one of {', '.join(REQUEUE_REASONS)}")
    return value


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
    return _at_most("origin", value, MAX_ORIGIN)


def country(value: str) -> str:
    return _matching("country", value, _COUNTRY, "two capital letters, or empty")


def region(value: str) -> str:
    return _at_most("region", value, MAX_REGION)


def search_terms(text: str) -> tuple[str, ...]:
    """The terms of a search text; none for a blank text, a refusal for a text without a letter or digit."""
    terms = tuple(query_terms(_at_most("text", text, MAX_SEARCH)))
    if has_visible_text(text) and not terms:
        raise _invalid("text", "at least one letter or digit")
    return terms


def visitor_ids(values: Sequence[str]) -> tuple[str, ...]:
    between("visitors", len(values), 0, MAX_VISITORS)
    return tuple(person_id("visitors", value) for value in values)


def status(value: str) -> str:
    if value and value not in CONVERSATION_STATUSES:
        raise _invalid("status", f"one of {', '.join(CONVERSATION_STATUSES)}, or empty")
    return value


def seq(field: str, value: int) -> int:
    return between(field, value, 0, MAX_SEQ)


def between(field: str, value: int, minimum: int, maximum: int) -> int:
    if not minimum <= value <= maximum:
        raise _invalid(field, f"{minimum} to {maximum}")
    return value


def cursors(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Leaves malformed cursors out: one client's faulty cursor must not fail the sync of the others."""
    return {key: max(0, seq) for key, seq in pairs if _CONVERSATION.fullmatch(key) and seq <= MAX_SEQ}


def position(cursor: str) -> ListPosition | None:
    """Position after which a page starts; None for the first page."""
    if not cursor:
        return None
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise _invalid("cursor", "a value from an earlier page")
    return ListPosition(int(match[1]), match[2])


def cursor_of(after: ListPosition | None) -> str:
    """The inverse of `position`."""
    return f"{after.started_at_ms}-{after.conversation_id}" if after else ""
