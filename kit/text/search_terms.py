"""Search terms: splits stored texts and queries into words by the same rule. Pure.

Ignores case and accents, in any language that separates words. No stop words and no stemming, so that all languages work alike.
"""

import re
import unicodedata
from collections.abc import Iterable

# Longer words are addresses and keys, found by their beginning.
MAX_TERM_LENGTH = 40
# More words make no search narrower.
MAX_QUERY_TERMS = 10

_WORD = re.compile(r"[^\W_]+")


def index_terms(texts: Iterable[str], limit: int) -> list[str]:
    """The distinct words of these texts in order of appearance, `limit` at most."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _WORD.findall(_folded(text)):
            found.setdefault(word[:MAX_TERM_LENGTH])
            if len(found) == limit:
                return list(found)
    return list(found)


def query_terms(text: str) -> list[str]:
    """The words of a query, the longest first, which is mostly the rarest. Empty for a query without words."""
    return sorted(index_terms([text], MAX_QUERY_TERMS), key=len, reverse=True)


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))
