"""What a reader finds in a text."""

import pytest

from kit.seeing import can_be_seen, without_turns


@pytest.mark.parametrize("text", ["a", " a ", "¿?", "👍", "❤\ufe0f", "דנה", "\u202egnp.exe", "\u200b.", "é", "日"])
def test_there_is_something(text: str) -> None:
    assert can_be_seen(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "\u00a0\u3000", "\u200b\u200d\ufeff", "\u202e\u2069", "\u0301\u0301", "\u3164\u2800"]
)
def test_there_is_nothing(text: str) -> None:
    assert not can_be_seen(text)


def test_no_mark_turns_the_letters_round() -> None:
    assert without_turns("evil \u202egnp.exe\u202c \u2067x\u2069") == "evil gnp.exe x"
    assert without_turns("דנה \u200f(a)") == "דנה \u200f(a)"
