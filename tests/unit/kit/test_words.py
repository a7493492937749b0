"""What is kept and what is asked for is cut into the same words (S-12)."""

from hypothesis import given
from hypothesis import strategies as st

from kit.words import ASKED_LIMIT, WORD_LIMIT, asked_words, words_of


def test_case_accents_and_signs_do_not_matter() -> None:
    kept = words_of(["¿Una DEVOLUCIÓN? Straße, ﬁn; a_b A-1234", "devolución"], 100)
    assert kept == ["una", "devolucion", "strasse", "fin", "a", "b", "1234"]
    assert words_of(["Ελλάδα Москва ЁЛКА"], 100) == ["ελλαδα", "москва", "елка"]


def test_the_longest_word_is_asked_for_first() -> None:
    assert asked_words("de la devolución, la") == ["devolucion", "de", "la"]
    assert asked_words("…  ?!") == []


@given(st.text())
def test_whoever_asks_with_what_was_written_finds_it(text: str) -> None:
    kept = set(words_of([text], 100_000))
    assert set(asked_words(text)) <= kept
    assert len(asked_words(text)) <= ASKED_LIMIT
    assert all(0 < len(word) <= WORD_LIMIT and word == word.strip() for word in kept)


@given(st.text(), st.text())
def test_words_do_not_depend_on_their_neighbours(one: str, other: str) -> None:
    assert set(words_of([one, other], 100_000)) == set(words_of([one], 100_000)) | set(words_of([other], 100_000))


def test_no_more_than_the_limit_is_kept() -> None:
    assert words_of(["a b c", "d e"], 4) == ["a", "b", "c", "d"]
