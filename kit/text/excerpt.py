"""Excerpt of a text around the words of a search. Pure."""

import unicodedata
from collections.abc import Collection, Iterator
from typing import NamedTuple

from kit.text.search_terms import Span, term_spans

# Characters: two lines of a list, with some words before the first mark.
EXCERPT_LENGTH = 160
LEAD = 40
CUT = "…"


class ExcerptPart(NamedTuple):
    """A part of an excerpt; a marked one is a word of the search."""

    text: str
    marked: bool


def excerpt(text: str, terms: Collection[str]) -> list[ExcerptPart]:
    """The text around the longest match of these index terms, in parts; empty without a match. `…` shows where it is cut."""
    spans = term_spans(text, terms)
    if not spans:
        return []
    shown = _window(text, max(spans, key=lambda span: span.end - span.start))
    return [part for part in _parts(text, spans, shown) if part.text]


def _window(text: str, match: Span) -> Span:
    """EXCERPT_LENGTH characters with the match, cut between words where there are spaces, else between letters."""
    end = min(len(text), max(0, match.start - LEAD) + EXCERPT_LENGTH)
    start = max(0, min(match.start, end - EXCERPT_LENGTH))
    before, after = text[start : match.start], text[match.end : end]
    if start > 0:
        start += next((at + 1 for at, letter in enumerate(before) if letter.isspace()), 0)
        while start < match.start and _is_mark(text[start]):
            start += 1
    if end < len(text):
        end -= next((at + 1 for at, letter in enumerate(reversed(after)) if letter.isspace()), 0)
        while end > match.end and _is_mark(text[end]):
            end -= 1
    return Span(start, end)


def _parts(text: str, spans: Collection[Span], shown: Span) -> Iterator[ExcerptPart]:
    at, cut = shown.start, CUT if shown.start > 0 else ""
    for span in spans:
        start, end = max(span.start, shown.start), min(span.end, shown.end)
        if start < end:
            yield ExcerptPart(cut + text[at:start], marked=False)
            yield ExcerptPart(text[start:end], marked=True)
            at, cut = end, ""
    rest = text[at : shown.end]
    yield ExcerptPart(rest + CUT if shown.end < len(text) else rest, marked=False)


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter).startswith("M")
