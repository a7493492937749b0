"""The entry that a search shows: the one with most of the words, among those that the reader may see."""

import pytest

from services.chat.domain.commands import Open, decide, may_read
from services.chat.domain.log import Entry, Person, State, fold
from services.chat.domain.search_hit import MAX_COMPARED, NEARBY, candidate_seqs, search_hit
from tests.unit.chat.talks import ANA, CRM, SITE, STRANGER, VERA, reserved


def begun() -> State:
    opening = decide(reserved(), Open(SITE, VERA), 1)
    assert isinstance(opening, Entry)
    return fold(reserved(), opening)


def entry(seq: int, text: str, kind: str = "message", author: Person = VERA) -> Entry:
    return Entry(
        site=SITE,
        conversation_id=begun().id,
        seq=seq,
        kind=kind,
        author=author,
        at_ms=seq,
        client_id=f"{seq}",
        text=text,
    )


def found(
    reader: Person, *candidates: Entry, site: str = SITE, terms: tuple[str, ...] = ("teapot", "drips")
) -> int | None:
    """The seq of the hit."""
    hit = search_hit(site, begun(), reader, candidates, terms)
    return hit.entry.seq if hit else None


def test_the_entry_with_most_terms_is_the_hit() -> None:
    one, other, both, again = (
        entry(2, "Drips."),
        entry(3, "A teapot"),
        entry(9, "My TEAPOT drips"),
        entry(12, "teapot drips"),
    )
    assert found(ANA, one, other, both, again) == 9
    assert found(ANA, again, both, other, one) == 9, "whatever the order"
    assert found(ANA, one, other) == 2
    assert found(ANA, entry(4, "Kettle")) is None
    assert found(ANA) is None


def test_the_hit_has_an_excerpt_with_marks() -> None:
    hit = search_hit(SITE, begun(), ANA, [entry(2, "It drips")], ("drips",))
    assert hit is not None
    assert [tuple(part) for part in hit.excerpt] == [("It ", False), ("drips", True)]


@pytest.mark.parametrize(
    ("reader", "site", "wanted"),
    [
        (ANA, SITE, 2),
        (CRM, SITE, 2),
        (VERA, SITE, 5),
        (STRANGER, SITE, None),
        (ANA, "other", None),
        (VERA, "other", None),
    ],
)
def test_a_reader_gets_only_hits_that_they_may_see(reader: Person, site: str, wanted: int | None) -> None:
    """Requirements I-18 and I-20: visitors see no note, and no reader sees a conversation of another site."""
    note, message = entry(2, "teapot drips", "note", ANA), entry(5, "teapot")
    assert found(reader, note, message, site=site) == wanted


def test_a_visitor_gets_no_hit_when_only_notes_match() -> None:
    assert found(VERA, entry(2, "teapot", "note", ANA)) is None
    assert not may_read(VERA, entry(2, "teapot", "note", ANA))


def test_events_are_no_hits() -> None:
    assert found(ANA, entry(1, "", "opened"), terms=("opened",)) is None


def test_candidates_are_the_first_entries_and_those_after_the_last_of_them() -> None:
    assert candidate_seqs((7,)) == [7]
    assert candidate_seqs((0, 0)) == []
    assert candidate_seqs((0, 7)) == [7]
    assert candidate_seqs((9, 4)) == [4, *range(9, 10 + NEARBY)]


def test_the_comparison_is_bounded() -> None:
    long = [entry(seq, "teapot " * 500) for seq in range(2, 12)]
    last = entry(12, "teapot drips")
    assert sum(len(one.text) for one in long) > MAX_COMPARED
    assert found(ANA, *long, last) == 2
