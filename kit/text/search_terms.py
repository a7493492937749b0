"""How text is cut into words to be searched by: the same for what is kept and for what is asked.

Case and accents do not matter, in any language that parts its words; nothing is left out for being common, and nothing is stemmed, so Spanish
and English are served alike. Pure.
"""

import re
import unicodedata
from collections.abc import Iterable

# Longer ones are addresses and keys, found by their beginning.
WORD_LIMIT = 40
# What is asked for: more words make no search narrower.
ASKED_LIMIT = 10

_WORD = re.compile(r"[^\W_]+")


def index_terms(texts: Iterable[str], limit: int) -> list[str]:
    """The different words of these texts in the order of their coming, `limit` at most."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(_folded(text)):
            found.setdefault(word[:WORD_LIMIT])
            if len(found) == limit:
                return list(found)
    return list(found)


def query_terms(text: str) -> list[str]:
    """The words that a search asks for, the longest first: mostly it is the rarest. Empty when there is none in it."""
    return sorted(index_terms([text], ASKED_LIMIT), key=len, reverse=True)


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
