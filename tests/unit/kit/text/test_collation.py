"""Names sort as a reader of the language expects."""

from hypothesis import given
from hypothesis import strategies as st

from kit.text.collation import sort_key

NAMES = ["Zoe", "Óscar", "Nunez", "Ñandú", "Álvaro", "ana", "Oca", "Núñez", "Ocaña", "Nz"]


def test_accents_and_case_do_not_move_a_name() -> None:
    in_order = sorted(NAMES, key=lambda name: sort_key(name, "es"))
    assert in_order == ["Álvaro", "ana", "Nunez", "Núñez", "Nz", "Ñandú", "Oca", "Ocaña", "Óscar", "Zoe"], in_order


def test_english_sorts_the_spanish_letter_with_its_base_letter() -> None:
    in_order = sorted(NAMES, key=lambda name: sort_key(name, "en"))
    assert in_order.index("Ñandú") < in_order.index("Nunez"), in_order


def test_a_decomposed_name_sorts_as_the_composed_one() -> None:
    assert sort_key("A\u0301lvaro", "en") == sort_key("Álvaro", "en")


@given(st.text(), st.sampled_from(["es", "en", "??"]))
def test_case_never_matters(text: str, language: str) -> None:
    assert sort_key(sort_key(text, "en"), language) == sort_key(text, "en")


def test_numbers_sort_by_value() -> None:
    names = ["Agent 102", "agent 11", "Agent 2", "Agent"]
    assert sorted(names, key=lambda name: sort_key(name, "en")) == ["Agent", "Agent 2", "agent 11", "Agent 102"]
