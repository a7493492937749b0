"""What is kept and what is asked for is cut into the same words (S-12)."""

from hypothesis import given
from hypothesis import strategies as st

from kit.text.search_terms import MAX_QUERY_TERMS, MAX_TERM_LENGTH, index_terms, query_terms


def test_case_accents_and_signs_do_not_matter() -> None:
    kept = index_terms(["¿Una DEVOLUCIÓN? Straße, ﬁn; a_b A-1234", "devolución"], 100)
    assert kept == ["una", "devolucion", "strasse", "fin", "a", "b", "1234"]
    assert index_terms(["Ελλάδα Москва ЁЛКА"], 100) == ["ελλαδα", "москва", "елка"]


def test_the_longest_word_is_asked_for_first() -> None:
    assert query_terms("de la devolución, la") == ["devolucion", "de", "la"]
    assert query_terms("…  ?!") == []


@given(st.text())
def test_whoever_asks_with_what_was_written_finds_it(text: str) -> None:
    kept = set(index_terms([text], 100_000))
    assert set(query_terms(text)) <= kept
    assert len(query_terms(text)) <= MAX_QUERY_TERMS
    assert all(0 < len(word) <= MAX_TERM_LENGTH and word == word.strip() for word in kept)


@given(st.text(), st.text())
def test_words_do_not_depend_on_their_neighbours(one: str, other: str) -> None:
    assert set(index_terms([one, other], 100_000)) == set(index_terms([one], 100_000)) | set(
        index_terms([other], 100_000)
    )


def test_no_more_than_the_limit_is_kept() -> None:
    assert index_terms(["a b c", "d e"], 4) == ["a", "b", "c", "d"]
