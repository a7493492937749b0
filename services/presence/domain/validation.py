"""What people may write into a visitor's record: bounds, and no characters that nobody can see. Pure.

Each function gives the cleaned text, or raises Refused(invalid) with a sentence that names the field.
"""

import re
import unicodedata
from typing import NoReturn

from kit.codes import Code, Refused
from kit.text.visible import has_visible_text, strip_bidi_controls

NAME_LIMIT = 100
# RFC 5321: a path of 256 with its brackets.
EMAIL_LIMIT = 254
PHONE_LIMIT = 40
BIO_LIMIT = 4000
NOTE_LIMIT = 4000

# What browsers take for an e-mail address, with one dot in the domain at least and none doubled.
_EMAIL = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])"
)
_PHONE = re.compile(r"[0-9+()\-. ]*[0-9][0-9+()\-. ]*")
_LINE_BREAKS = frozenset("\n\t")


def name(text: str, field: str = "name") -> str:
    """One line of 100 characters at most; empty is nobody's name."""
    line = _line(text, field)
    _bounded(line, NAME_LIMIT, field)
    return line


def email(text: str) -> str:
    """An address as browsers take it, or empty."""
    line = _line(text, "email")
    _bounded(line, EMAIL_LIMIT, "email")
    if line and not _EMAIL.fullmatch(line):
        _refuse("email is not an address like name@example.com.")
    return line


def phone(text: str) -> str:
    """Digits with + ( ) - . and spaces between, or empty."""
    line = _line(text, "phone")
    _bounded(line, PHONE_LIMIT, "phone")
    if line and not _PHONE.fullmatch(line):
        _refuse("phone holds digits, spaces and + ( ) - . only.")
    return line


def bio(text: str) -> str:
    """Any lines, 4,000 characters at most."""
    return _lines(text, BIO_LIMIT, "bio")


def note(text: str) -> str:
    """As bio, but something must be there."""
    lines = _lines(text, NOTE_LIMIT, "text")
    if not lines:
        _refuse("text is empty.")
    return lines


def _line(text: str, field: str) -> str:
    if any(_is_control(character) for character in text):
        _refuse(f"{field} holds control characters.")
    line = strip_bidi_controls(text).strip()
    _seen(text, field)
    return line


def _lines(text: str, limit: int, field: str) -> str:
    lines = text.replace("\r\n", "\n")
    if any(_is_control(character) for character in lines if character not in _LINE_BREAKS):
        _refuse(f"{field} holds control characters.")
    _seen(lines, field)
    _bounded(lines, limit, field)
    return lines


def _seen(text: str, field: str) -> None:
    if text and not has_visible_text(text):
        _refuse(f"{field} holds nothing but spaces.")


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _bounded(text: str, limit: int, field: str) -> None:
    if len(text) > limit:
        _refuse(f"{field} has more than {limit} characters.")


def _refuse(sentence: str) -> NoReturn:
    raise Refused(Code.INVALID, sentence)
