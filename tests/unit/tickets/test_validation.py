"""Checks of request fields and cursors: each value is returned as it is, or refused with the name of its field."""

from collections.abc import Callable
from contextlib import nullcontext, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import Refused
from services.tickets import validation
from services.tickets.domain.person import Person

# Spaces, zero-width space, empty Braille cell, Hangul filler, tag, variation selectors.
BLANK = ["", "   ", "\u200b", "\u2800", "\u3164", "\U000e0041", "\ufe0f\U000e0100"]


@pytest.mark.parametrize("address", ["", "vera@example.com", "o'hara+shop@mail.example.co.uk", "ñandú@correo.es"])
def test_valid_email_addresses_are_accepted(address: str) -> None:
    assert validation.email("email", address) == address


@pytest.mark.parametrize(
    "address",
    ["vera", "@example.com", "vera@", "vera@example", "a b@example.com", "a@b@example.com", "a@example.", "a@b.c\nBcc: x@y.z", "<a@b.c>", "a@b.c,d@e.f", "x" * 251 + "@b.c", "a\0@b.c"],
)  # fmt: skip
def test_invalid_email_addresses_are_refused(address: str) -> None:
    with pytest.raises(Refused, match="email"):
        validation.email("email", address)


@given(st.text(max_size=300))
def test_a_line_without_control_characters_within_the_limit_is_accepted(text: str) -> None:
    good = 1 <= len(text) <= 200 and not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text)
    with nullcontext() if good else pytest.raises(Refused, match="subject"):
        assert validation.one_line("subject", text, 200) == text


@pytest.mark.parametrize("rule", [validation.title, validation.some_text])
def test_a_required_text_has_a_visible_character(rule: Callable[[str, str, int], str]) -> None:
    assert rule("text", " ¿? ", 9) == " ¿? "
    for blank in BLANK:
        with pytest.raises(Refused, match="text"):
            rule("text", blank, 9)


def test_an_invisible_search_text_is_no_filter() -> None:
    for blank in BLANK:
        assert validation.search_terms("text", blank) == ()
    with pytest.raises(Refused, match="text"):
        validation.search_terms("text", "¿?")


def test_a_person_has_a_kind_and_an_id() -> None:
    good = Person("agent", "ana", "")
    assert validation.person("by", good) is good
    for bad in (Person("", "ana"), Person("agent", ""), Person("agent", "a\0"), Person("agent", "ana", "x" * 201)):
        with pytest.raises(Refused, match="by"):
            validation.person("by", bad)


@given(st.integers(1, validation.MAX_NUMBER - 1))
def test_a_cursor_holds_its_number(number: int) -> None:
    assert validation.number_below(validation.cursor_after(number)) == number


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    with suppress(Refused):
        assert 0 < validation.number_below(text) <= validation.MAX_NUMBER


def test_a_page_has_1_to_100_items() -> None:
    assert [validation.page_size(1), validation.page_size(100)] == [1, 100]
    for limit in (0, 101, -1):
        with pytest.raises(Refused, match="limit"):
            validation.page_size(limit)
