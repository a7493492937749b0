"""Validates names and e-mail addresses. Pure: each function returns the stored form or raises ValueError."""

import unicodedata

from kit.text.email import comparable
from kit.text.visible import has_visible_text, strip_bidi_controls

MAX_NAME = 100


def line(text: str, max_length: int) -> str:
    """One line without surplus blanks; empty for a text without a visible character."""
    kept = " ".join(text.split()) if has_visible_text(text) else ""
    if len(kept) > max_length:
        raise ValueError(f"use at most {max_length} characters")
    if kept != strip_bidi_controls(kept) or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in kept):
        raise ValueError("remove invisible control characters")
    return kept


def name(text: str) -> str:
    """A name of a person or a site."""
    kept = line(text, MAX_NAME)
    if not any(letter.isalnum() for letter in kept):
        raise ValueError("use at least one letter or digit")
    return kept


def email(text: str) -> str:
    """An e-mail address in its comparable form, the key of an account."""
    try:
        return comparable(text)
    except ValueError:
        raise ValueError("enter an e-mail address") from None


def account_key(text: str) -> str:
    """The key for a typed e-mail address, for a look-up. A text that is no address finds no account."""
    try:
        return comparable(text)
    except ValueError:
        return text.strip().lower()
