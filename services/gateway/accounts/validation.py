"""Validates names, e-mail addresses and new passwords. Pure: each function returns the stored form or raises ValueError."""

import re
import unicodedata

MAX_NAME = 100
MAX_EMAIL = 254
# The minimum makes lists of common passwords nearly useless; the maximum bounds the work of hashing.
MIN_PASSWORD, MAX_PASSWORD = 10, 1000
# A local part, an @, and a domain with a dot; only a mail server can check the rest.
_EMAIL = re.compile(r"[^\s@\"<>(),:;\\\[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
# Bidirectional controls, which change the direction of the text around them.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def line(text: str, max_length: int) -> str:
    """One line without surplus blanks, possibly empty."""
    kept = " ".join(text.split())
    if len(kept) > max_length:
        raise ValueError(f"use at most {max_length} characters")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} or letter in _BIDI_CONTROLS for letter in kept):
        raise ValueError("remove invisible control characters")
    return kept


def name(text: str) -> str:
    """A name of a person or a site."""
    kept = line(text, MAX_NAME)
    if not any(letter.isalnum() for letter in kept):
        raise ValueError("use at least one letter or digit")
    return kept


def email(text: str) -> str:
    """A lower-case e-mail address."""
    kept = text.strip().lower()
    if len(kept) > MAX_EMAIL or not _EMAIL.fullmatch(kept):
        raise ValueError("enter an e-mail address")
    return kept


def password(text: str, email_address: str) -> str:
    """A new password, unchanged."""
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise ValueError(f"use a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    if text.strip().lower() == email_address or len(set(text)) < 4:
        raise ValueError("choose a password that is harder to guess")
    return text
