"""Checks of request fields, and the cursors of lists. Pure: each check returns the value or raises Refused(invalid) naming the field."""

import base64
import binascii
import re
from collections.abc import Collection

from kit.codes import Code, Refused
from kit.text.email import mailable, normal_form
from kit.text.search_terms import query_terms
from kit.text.visible import has_visible_text
from kit.times import is_representable
from kit.vocabulary import PERSON_KINDS
from services.tickets.domain.person import Person

# Our ids have 32 characters. Other systems identify people by longer ones, such as an e-mail address.
MAX_ID = 254
MAX_NAME = 200
MAX_SEARCH_TEXT = 200
MAX_PAGE = 100
# Above every number that a ticket can have.
MAX_NUMBER = 2**62

_MAIL_ID = re.compile(r"[0-9a-f]{32}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def one_line(field: str, value: str, limit: int, *, least: int = 1) -> str:
    """Text of one line, `least` to `limit` characters."""
    if not least <= len(value) <= limit:
        raise Refused(Code.INVALID, f"{field}: {least} to {limit} characters.")
    if _CONTROL.search(value):
        raise Refused(Code.INVALID, f"{field}: no control characters.")
    return value


def record_id(field: str, value: str) -> str:
    """The id of a ticket, conversation or person."""
    return one_line(field, value, MAX_ID)


def optional_id(field: str, value: str) -> str:
    """An id, or an empty text."""
    return one_line(field, value, MAX_ID, least=0)


def title(field: str, value: str, limit: int) -> str:
    """One line with at least one visible character."""
    return _visible(field, one_line(field, value, limit))


def free_text(field: str, value: str, limit: int) -> str:
    """Text of several lines, perhaps empty. Without NUL, which some databases cannot store."""
    if len(value) > limit:
        raise Refused(Code.INVALID, f"{field}: {limit} characters at most.")
    if "\0" in value:
        raise Refused(Code.INVALID, f"{field}: no NUL.")
    return value


def some_text(field: str, value: str, limit: int) -> str:
    """Text of several lines with at least one visible character."""
    return _visible(field, free_text(field, value, limit))


def _visible(field: str, value: str) -> str:
    if not has_visible_text(value):
        raise Refused(Code.INVALID, f"{field}: not empty or blank.")
    return value


def search_terms(field: str, value: str) -> tuple[str, ...]:
    """Terms of a search text: none for a blank text. Refused for a text without a letter or digit."""
    found = tuple(query_terms(free_text(field, value, MAX_SEARCH_TEXT)))
    if has_visible_text(value) and not found:
        raise Refused(Code.INVALID, f"{field}: a word of letters or digits.")
    return found


def choice(field: str, value: str, choices: Collection[str]) -> str:
    if value not in choices:
        raise Refused(Code.INVALID, f"{field}: one of {', '.join(choices)}.")
    return value


def email(field: str, address: str) -> str:
    """An e-mail address in its normal form, or an empty text."""
    try:
        return address and normal_form(address)
    except ValueError:
        raise Refused(Code.INVALID, f"{field}: not an e-mail address.") from None


def recipient(field: str, address: str) -> str:
    """The address of a mail, in the form for mail servers."""
    try:
        return mailable(address)
    except ValueError:
        raise Refused(Code.INVALID, f"{field}: not an e-mail address.") from None


def mail_id(field: str, value: str) -> str:
    """An id that may stand in a Message-ID."""
    if not _MAIL_ID.fullmatch(value):
        raise Refused(Code.INVALID, f"{field}: 32 hex digits.")
    return value


def time_or_zero(field: str, value: int) -> int:
    if not is_representable(value):
        raise Refused(Code.INVALID, f"{field}: milliseconds since 1970, or 0.")
    return value


def person(field: str, value: Person, kinds: Collection[str] = PERSON_KINDS) -> Person:
    choice(f"{field}.kind", value.kind, kinds)
    record_id(f"{field}.id", value.id)
    one_line(f"{field}.name", value.name, MAX_NAME, least=0)
    return value


def page_size(limit: int) -> int:
    if not 1 <= limit <= MAX_PAGE:
        raise Refused(Code.INVALID, f"limit: 1 to {MAX_PAGE}.")
    return limit


def cursor_after(number: int) -> str:
    """The cursor of the page with the tickets below this number. New tickets do not move the page."""
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def number_below(cursor: str) -> int:
    """The number that a cursor holds; MAX_NUMBER for the first page."""
    if not cursor:
        return MAX_NUMBER
    try:
        number = base64.b64decode(cursor, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        number = b""
    if not number.isdigit() or not 0 < int(number[:20]) < MAX_NUMBER:
        raise Refused(Code.INVALID, "cursor: only the `next` of an earlier page.")
    return int(number)
