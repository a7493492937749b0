"""Strict checks of what callers send. Pure: each gives its value back, or raises Refused(invalid) naming the field."""

import re
from collections.abc import Collection

from kit.codes import Code, Refused
from kit.text.search_terms import query_terms
from kit.vocabulary import PERSON_KINDS
from services.tickets.domain.ticket import Person

# Ours have 32 characters; other systems name people by longer ones, such as an e-mail address.
ID_LIMIT = 254
NAME_LIMIT = 200
# RFC 5321 allows no longer address.
EMAIL_LIMIT = 254
# What people type into a search box.
SEARCH_LIMIT = 200

# Whether somebody can be written to at it is for the mail server to tell; this keeps out what is plainly none.
_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def one_line(field: str, value: str, limit: int, *, least: int = 1) -> str:
    """Text of one line."""
    if not least <= len(value) <= limit:
        raise Refused(Code.INVALID, f"{field}: {least} to {limit} characters.")
    if _CONTROL.search(value):
        raise Refused(Code.INVALID, f"{field}: no control characters.")
    return value


def free_text(field: str, value: str, limit: int) -> str:
    """Text of several lines, perhaps empty; no NUL, which other stores cannot keep."""
    if len(value) > limit:
        raise Refused(Code.INVALID, f"{field}: {limit} characters at most.")
    if "\0" in value:
        raise Refused(Code.INVALID, f"{field}: no NUL.")
    return value


def some_text(field: str, value: str, limit: int) -> str:
    """Text of several lines that says something."""
    if not value.strip():
        raise Refused(Code.INVALID, f"{field}: not empty or blank.")
    return free_text(field, value, limit)


def words(field: str, value: str) -> tuple[str, ...]:
    """What to search for; nothing where nothing is asked, and a refusal for a text without a word in it."""
    found = tuple(query_terms(free_text(field, value, SEARCH_LIMIT)))
    if value.strip() and not found:
        raise Refused(Code.INVALID, f"{field}: a word of letters or digits.")
    return found


def choice(field: str, word: str, choices: Collection[str]) -> str:
    """One of the words that there are."""
    if word not in choices:
        raise Refused(Code.INVALID, f"{field}: one of {', '.join(choices)}.")
    return word


def email(field: str, address: str) -> str:
    """An e-mail address, or nothing."""
    if address and (len(address) > EMAIL_LIMIT or _CONTROL.search(address) or not _EMAIL.fullmatch(address)):
        raise Refused(Code.INVALID, f"{field}: not an e-mail address.")
    return address


def person(field: str, value: Person, kinds: Collection[str] = PERSON_KINDS) -> Person:
    """Somebody with a kind and an id."""
    choice(f"{field}.kind", value.kind, kinds)
    one_line(f"{field}.id", value.id, ID_LIMIT)
    one_line(f"{field}.name", value.name, NAME_LIMIT, least=0)
    return value
