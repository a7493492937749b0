"""Search terms: folding of text and its division into terms, the same for stored text and for queries. Pure.

Every search and filter of the product folds text with `fold`: case, accents and compatibility forms do not matter. No word is skipped for being
common and no word is stemmed, so all languages are treated alike. Scripts without spaces between words, and Korean, which joins particles to
words, are divided into letters and pairs of neighbours. `web/ui/src/searchTerms.ts` has the same rules for filters in browsers;
`tests/vectors/search_terms.json` checks both.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

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
# Vowels and final consonants of decomposed Korean: letters that join the letter before.
_JOINING_LETTERS = re.compile("[\u1161-\u1175\u11a8-\u11c2]")
# Distinct letters of a long chat in any script.
CACHED_LETTERS = 4096


class Span(NamedTuple):
    """A part of a text, from `start` to before `end`."""

    start: int
    end: int


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
        for word, _ in _words(fold(text)):
            for term in _index_terms_of(word):
                found.setdefault(term)
                if len(found) == limit:
                    return list(found)
    return list(found)


def query_terms(text: str) -> list[str]:
    """The terms that a match must have, the longest first, because it is mostly the rarest. Empty without a visible word."""
    found: dict[str, None] = {}
    for word, _ in _words(fold(text)):
        if has_visible_text(word):
            found.update(dict.fromkeys(_query_terms_of(word)))
    return sorted(found, key=len, reverse=True)[:MAX_QUERY_TERMS]


def term_spans(text: str, terms: Collection[str]) -> list[Span]:
    """Where these index terms are in the original text, in order. Spans have whole letters with their marks and do not touch."""
    folded, pieces = _fold_in_pieces(text)
    found: list[Span] = []
    for word, begin in _words(folded):
        for at, term in sorted(_located_terms(word)):
            if term not in terms:
                continue
            # A term that was cut stands for its whole word.
            last = begin + at + (len(word) if len(term) == MAX_TERM_LENGTH else len(term)) - 1
            span = Span(pieces[begin + at].start, pieces[last].end)
            if found and span.start <= found[-1].end:
                span = Span(found[-1].start, max(found.pop().end, span.end))
            found.append(span)
    return found


def _fold_in_pieces(text: str) -> tuple[str, list[Span]]:
    """`fold(text)`, and for each of its characters the part of the text that it comes from.

    A piece is a letter with all that may change with it: marks, dropped characters, the rest of a Korean syllable.
    """
    starts = [at for at, letter in enumerate(text) if at == 0 or _begins_piece(letter)]
    folded: list[str] = []
    pieces: list[Span] = []
    for start, end in pairwise([*starts, len(text)]):
        part = _fold_letter(text[start]) if end == start + 1 else fold(text[start:end])
        folded.append(part)
        pieces += [Span(start, end)] * len(part)
    return "".join(folded), pieces


@lru_cache(CACHED_LETTERS)
def _begins_piece(letter: str) -> bool:
    """False for a letter that `fold` may join to the one before, or drop."""
    first = unicodedata.normalize("NFKD", letter)[0]
    joins = unicodedata.category(first).startswith("M") or _JOINING_LETTERS.match(first)
    return not joins and fold(letter) != ""


@lru_cache(CACHED_LETTERS)
def _fold_letter(letter: str) -> str:
    return fold(letter)


def _words(folded: str) -> Iterator[tuple[str, int]]:
    """Runs of letters, digits and marks of one kind, with or without spaces between words, and where each begins."""
    for match in _WORD.finditer(folded.replace("_", " ")):
        run, begin = match[0], match.start()
        if run.isascii():
            yield run, begin
            continue
        start = 0
        for unspaced in _UNSPACED.finditer(run):
            if unspaced.start() > start:
                yield run[start : unspaced.start()], begin + start
            yield unspaced[0], begin + unspaced.start()
            start = unspaced.end()
        if start < len(run):
            yield run[start:], begin + start


def _index_terms_of(word: str) -> list[str]:
    return [term for _, term in _located_terms(word)]


def _located_terms(word: str) -> list[tuple[int, str]]:
    """The index terms of a word, each with its position."""
    if word.isascii() or not _UNSPACED.match(word):
        return [(0, word[:MAX_TERM_LENGTH])]
    return [*enumerate(word), *enumerate(_pairs(word))]


def _query_terms_of(word: str) -> list[str]:
    if word.isascii() or not _UNSPACED.match(word):
        return [word[:MAX_TERM_LENGTH]]
    return _pairs(word) or [word]


def _pairs(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(len(word) - 1)]
