"""Search terms: folding of text and its division into terms, the same for stored text and for queries. Pure.

Every search and filter of the product folds text with `fold`: case, accents and compatibility forms do not matter. No word is skipped for being
common and no word is stemmed, so all languages are treated alike. Scripts without spaces between words, and Korean, which joins particles to
words, are divided into letters and pairs of neighbours.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from kit.text.visible import has_visible_text

# Version of these rules. Stored terms of a lower version are indexed again.
TERMS_VERSION = 2
# Longer terms are addresses and keys; their first characters find them.
MAX_TERM_LENGTH = 40
# Terms of a query; more terms make no search narrower.
MAX_QUERY_TERMS = 10

# Letters that Unicode does not decompose, and Arabic letters with several spellings.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ŧ": "t", "ŀ": "l", "æ": "ae", "œ": "oe", "þ": "th"}
    | dict(zip("أإآىكة", "ااايكه", strict=True))
    | {"ک": "ك", "ی": "ي", "ى": "ي"}
)
# Marks to drop: Latin, Greek and Cyrillic accents, Hebrew points, Arabic vowels. Marks of other scripts are part of the
# spelling, such as Thai vowels and Japanese voicing.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+"
)
# Letters of scripts that write no spaces between words (Han, Kana, Thai, Lao, Burmese, Khmer), and of Korean.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]+"
)


def _marks() -> str:
    """Combining marks of the basic plane, for a regexp class that has only letters and digits without them."""
    return "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})


_WORD = re.compile(rf"[\w{_marks()}]+")


def fold(text: str) -> str:
    """The text without case, accents and compatibility forms. Folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = _MARKS.sub("", decomposed).translate(_LETTERS)
    return unicodedata.normalize("NFC", bare)


def index_terms(texts: Iterable[str], limit: int) -> list[str]:
    """The distinct terms of the texts in the order of their first use, at most `limit`."""
    found: dict[str, None] = {}
    for text in texts:
        for word in _words(text):
            for term in _index_terms_of(word):
                found.setdefault(term)
                if len(found) == limit:
                    return list(found)
    return list(found)


def query_terms(text: str) -> list[str]:
    """The terms that a match must have, the longest first, because it is mostly the rarest. Empty without a visible word."""
    found: dict[str, None] = {}
    for word in filter(has_visible_text, _words(text)):
        found.update(dict.fromkeys(_query_terms_of(word)))
    return sorted(found, key=len, reverse=True)[:MAX_QUERY_TERMS]


def _words(text: str) -> Iterator[str]:
    """Runs of letters, digits and marks of one kind: with or without spaces between words."""
    for run in _WORD.findall(fold(text).replace("_", " ")):
        if run.isascii():
            yield run
            continue
        start = 0
        for match in _UNSPACED.finditer(run):
            if match.start() > start:
                yield run[start : match.start()]
            yield match[0]
            start = match.end()
        if start < len(run):
            yield run[start:]


def _index_terms_of(word: str) -> list[str]:
    if word.isascii() or not _UNSPACED.match(word):
        return [word[:MAX_TERM_LENGTH]]
    return [*word, *_pairs(word)]


def _query_terms_of(word: str) -> list[str]:
    if word.isascii() or not _UNSPACED.match(word):
        return [word[:MAX_TERM_LENGTH]]
    return _pairs(word) or [word]


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)]
