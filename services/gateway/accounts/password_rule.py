"""The rule for new passwords: a length, and no password that a guesser tries early. Pure.

Stored passwords of earlier rules keep working. `zxcvbn` knows 30,000 common passwords, names, words, dates and rows of keys, and
counts the guesses that lead to a password.
"""

import re
from collections.abc import Iterable, Sequence

import msgspec
from zxcvbn import zxcvbn

from kit.text.search_terms import fold
from services.gateway.accounts.model import Site

# The dashboard shows both. The maximum bounds the work of hashing.
MIN_PASSWORD, MAX_PASSWORD = 12, 1000
# For the API's document; the rule itself answers with a better sentence than the decoder.
PASSWORD_BOUNDS = msgspec.Meta(extra_json_schema={"minLength": MIN_PASSWORD, "maxLength": MAX_PASSWORD})
# 10^8 guesses at least. The sign-in throttle grants a guesser 10^5 a day.
MIN_SCORE = 3
# Characters beside the known words: `ana.lopez.2024` has four.
MIN_REST = 8
# The work rises steeply with the length. What follows these characters makes no password weaker.
MAX_JUDGED = 24
# Words that a guesser of this product tries first, beside those of the agent and the site.
_OURS = ("palique", "livechat", "soporte", "support", "contrasena", "administrador", "bienvenido")
_BETWEEN_WORDS = re.compile(r"[\s._,-]+")
# Shorter parts of a name are in too many words.
_MIN_PART = 3


def new_password(text: str, known: Iterable[str]) -> str:
    """A new password, unchanged, else ValueError. `known` comes from `texts_around`."""
    if not MIN_PASSWORD <= len(text) <= MAX_PASSWORD:
        raise ValueError(f"use a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters")
    if _is_guessed_early(_plain(text), [*_OURS, *_words(known)]):
        raise ValueError("choose a password that is harder to guess, not a common one or one of your name or site")
    return text


def texts_around(name: str, email: str, site_key: str, site: Site | None) -> tuple[str, ...]:
    """What a guesser knows of an agent: the `known` of a new password. `site` is None for a key without a record."""
    return (name, email, site_key, site.name if site is not None else "")


def _is_guessed_early(plain: str, words: Sequence[str]) -> bool:
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < MIN_REST or zxcvbn(plain[:MAX_JUDGED], user_inputs=list(words))["score"] < MIN_SCORE


def _plain(text: str) -> str:
    """Without case, accents and separators, which add no guesses worth counting."""
    return _BETWEEN_WORDS.sub("", fold(text))


def _words(known: Iterable[str]) -> list[str]:
    """Each text as a whole, and its parts."""
    found = []
    for text in known:
        found += [_plain(text), *(part for part in re.split(r"\W+|_", fold(text)) if len(part) >= _MIN_PART)]
    return [word for word in found if len(word) >= _MIN_PART]
