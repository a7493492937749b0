"""What a reader finds in a text."""

import pytest

from kit.text.visible import has_visible_text, strip_bidi_controls


@pytest.mark.parametrize("text", ["a", " a ", "¿?", "👍", "❤\ufe0f", "דנה", "\u202egnp.exe", "\u200b.", "é", "日"])
def test_there_is_something(text: str) -> None:
    assert has_visible_text(text)


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "\u00a0\u3000", "\u200b\u200d\ufeff", "\u202e\u2069", "\u0301\u0301", "\u3164\u2800"]
)
def test_there_is_nothing(text: str) -> None:
    assert not has_visible_text(text)


def test_no_mark_turns_the_letters_round() -> None:
    assert strip_bidi_controls("evil \u202egnp.exe\u202c \u2067x\u2069") == "evil gnp.exe x"
    assert strip_bidi_controls("דנה \u200f(a)") == "דנה \u200f(a)"
