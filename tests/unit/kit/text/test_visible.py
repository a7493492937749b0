"""What a reader finds in a text."""

import json
from pathlib import Path

import pytest

from kit.text.visible import has_visible_text, strip_bidi_controls

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/visible_text.json").read_text())


@pytest.mark.parametrize("text", VECTORS["visible"])
def test_there_is_something(text: str) -> None:
    assert has_visible_text(text)


@pytest.mark.parametrize("text", VECTORS["blank"])
def test_there_is_nothing(text: str) -> None:
    assert not has_visible_text(text)


def test_no_mark_turns_the_letters_round() -> None:
    assert strip_bidi_controls("evil \u202egnp.exe\u202c \u2067x\u2069") == "evil gnp.exe x"
    assert strip_bidi_controls("דנה \u200f(a)") == "דנה \u200f(a)"
