"""Checks of the texts of a visitor's profile: length, format, no invisible characters. Pure.

Each function returns the text in its stored form, or raises Refused(invalid) with a sentence that names the field.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import NoReturn

from kit.codes import Code, Refused
from kit.text.email import MAX_EMAIL, normal_form
from kit.text.visible import has_visible_text, strip_bidi_controls

MAX_NAME = 100
MAX_PHONE = 40
MAX_BIO = 4000
MAX_NOTE = 4000

_PHONE = re.compile(r"[0-9+()\-. ]*[0-9][0-9+()\-. ]*")
_LINE_BREAKS = frozenset("\n\t")


def name(text: str, field: str = "name") -> str:
    """One line of 100 characters at most; empty removes the name."""
    line = _line(text, field)
    _bounded(line, MAX_NAME, field)
    return line


def email(text: str) -> str:
    """An address in its normal form, or empty."""
    line = _line(text, "email")
    _bounded(line, MAX_EMAIL, "email")
    try:
        return line and normal_form(line)
    except ValueError:
        _refuse("email is not an address like name@example.com.")


def phone(text: str) -> str:
    """Digits, + ( ) - . and spaces, or empty."""
    line = _line(text, "phone")
    _bounded(line, MAX_PHONE, "phone")
    if line and not _PHONE.fullmatch(line):
        _refuse("phone holds digits, spaces and + ( ) - . only.")
    return line


def bio(text: str) -> str:
    """Lines of text, 4,000 characters at most."""
    return _lines(text, MAX_BIO, "bio")


# All fields of a profile that agents edit.
RULES: Mapping[str, Callable[[str], str]] = {"name": name, "email": email, "phone": phone, "bio": bio}


def note(text: str) -> str:
    """Lines of text, 1 to 4,000 characters."""
    lines = _lines(text, MAX_NOTE, "text")
    if not lines:
        _refuse("text is empty.")
    return lines


def _line(text: str, field: str) -> str:
    if any(_is_control(character) for character in text):
        _refuse(f"{field} holds control characters.")
    line = strip_bidi_controls(text).strip()
    _require_visible(text, field)
    return line


def _lines(text: str, limit: int, field: str) -> str:
    lines = text.replace("\r\n", "\n")
    if any(_is_control(character) for character in lines if character not in _LINE_BREAKS):
        _refuse(f"{field} holds control characters.")
    _require_visible(lines, field)
    _bounded(lines, limit, field)
    return lines


def _require_visible(text: str, field: str) -> None:
    if text and not has_visible_text(text):
        _refuse(f"{field} holds nothing but spaces.")


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def _bounded(text: str, limit: int, field: str) -> None:
    if len(text) > limit:
        _refuse(f"{field} has more than {limit} characters.")


def _refuse(sentence: str) -> NoReturn:
    raise Refused(Code.INVALID, sentence)
