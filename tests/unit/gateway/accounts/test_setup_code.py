"""A set-up code is read as it is printed, however a person types it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.setup_code import LENGTH, LETTERS, plain, shown

CODES = st.text(LETTERS, min_size=LENGTH, max_size=LENGTH)


@given(CODES)
def test_the_printed_form_is_read_back(code: str) -> None:
    assert plain(shown(code)) == plain(code) == code


@pytest.mark.parametrize(
    "typed",
    ["0123-4567-89AB-CDEF", "0123456789abcdef", " 0123 4567 89ab cdef\n", "o123-4567-89AB-CDEF", "OI23-4567-89ab-cdef"],
)
def test_case_separators_and_letters_that_look_like_digits_do_not_matter(typed: str) -> None:
    assert plain(typed) == "0123456789ABCDEF"


@given(CODES, st.integers(0, LENGTH - 1), st.sampled_from(LETTERS))
def test_every_other_code_is_another_one(code: str, at: int, letter: str) -> None:
    other = code[:at] + letter + code[at + 1 :]
    assert (plain(shown(other)) == code) is (other == code)


def test_a_code_has_80_bits() -> None:
    assert len(set(LETTERS)) ** LENGTH == 2**80
