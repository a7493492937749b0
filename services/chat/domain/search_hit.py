"""The entry that a search found in a conversation. Pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from kit.text.excerpt import ExcerptPart, excerpt
from kit.text.search_terms import index_terms
from kit.vocabulary import TEXT_KINDS
from services.chat.domain.commands import may_read, may_see
from services.chat.domain.log import Entry, Person, State

# The first entry with all terms is mostly the first one with the rarest term, or follows soon.
NEARBY = 10
# Characters of one conversation that are compared: some long messages, or all candidates of usual length.
MAX_COMPARED = 10_000
MAX_TERMS_OF_ENTRY = 10_000


class SearchHit(NamedTuple):
    """A message or note with words of the search."""

    entry: Entry
    excerpt: list[ExcerptPart]


def candidate_seqs(first_seqs: Iterable[int]) -> list[int]:
    """Entries that may be the hit: the first ones with each term and, for several terms, those after the last of these."""
    firsts = {seq for seq in first_seqs if seq > 0}
    following = range(max(firsts) + 1, max(firsts) + 1 + NEARBY) if len(firsts) > 1 else ()
    return sorted(firsts.union(following))


def search_hit(
    site: str, state: State, reader: Person, candidates: Iterable[Entry], terms: Sequence[str]
) -> SearchHit | None:
    """The candidate that has most of the terms, the first of several. None when the reader may see none."""
    if not may_see(state, site, reader):
        return None
    best: Entry | None = None
    most = compared = 0
    for entry in sorted(candidates, key=lambda entry: entry.seq):
        if entry.kind not in TEXT_KINDS or not may_read(reader, entry):
            continue
        count = _count(entry.text, terms)
        if count > most:
            best, most = entry, count
        compared += len(entry.text)
        if most == len(terms) or compared > MAX_COMPARED:
            break
    return SearchHit(best, excerpt(best.text, terms)) if best else None


def _count(text: str, terms: Collection[str]) -> int:
    return len(set(terms).intersection(index_terms([text], MAX_TERMS_OF_ENTRY)))
