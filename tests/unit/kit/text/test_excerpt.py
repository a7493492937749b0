"""Excerpts show where a search matches (issue: a hit without an excerpt)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text.excerpt import CUT, EXCERPT_LENGTH, excerpt
from kit.text.search_terms import fold, index_terms, query_terms


def shown(text: str, query: str) -> str:
    """The excerpt with its marks in brackets."""
    parts = excerpt(text, query_terms(query))
    return "".join(f"[{part.text}]" if part.marked else part.text for part in parts)


@pytest.mark.parametrize(
    ("text", "query", "wanted"),
    [
        ("Quiero una devolución", "DEVOLUCION", "Quiero una [devolución]"),
        ("您好，我想申请退款，谢谢", "退款", "您好，我想申请[退款]，谢谢"),
        ("Łódź", "lodz", "[Łódź]"),
        ("<b>bold</b> & <i>", "bold", "<b>[bold]</b> & <i>"),
        ("Hello", "other", ""),
        ("the tea, the teapot", "the teapot", "[the] tea, [the] [teapot]"),
    ],
)
def test_words_of_the_search_are_marked(text: str, query: str, wanted: str) -> None:
    assert shown(text, query) == wanted


def test_a_long_text_is_cut_between_words_around_the_match() -> None:
    text = "before " * 100 + "the teapot drips " + "after " * 100
    found = shown(text, "teapot")
    assert found.startswith(f"{CUT}before "), found
    assert "the [teapot] drips" in found
    assert found.endswith(f"after{CUT}"), found
    assert len(found) <= EXCERPT_LENGTH + 4


def test_a_long_text_without_spaces_is_cut_between_letters() -> None:
    found = shown("我想申请" * 100 + "退款" + "谢谢" * 100, "退款")
    assert found.startswith(CUT)
    assert "申请[退款]谢谢" in found
    marks = shown("a\u0301" * 500 + " teapot " + "a\u0301" * 500, "teapot")
    assert "[teapot]" in marks
    assert not marks.rstrip(CUT).endswith("a"), "cut between a letter and its mark"


def test_the_longest_match_is_shown() -> None:
    """The longest word is mostly the rarest; the longest run of an unspaced script is the whole phrase."""
    assert "[devolución]" in shown("de la " * 100 + "devolución", "de la devolución")
    assert "[申请退款]" in shown("申请" + "好" * 400 + "申请退款", "申请退款")


@given(st.text(max_size=600), st.data())
def test_an_excerpt_is_a_bounded_part_of_the_text(text: str, data: st.DataObject) -> None:
    terms = index_terms([text], 100_000)
    chosen = data.draw(st.lists(st.sampled_from(terms), min_size=1, max_size=3)) if terms else []
    parts = excerpt(text, chosen)
    whole = "".join(part.text for part in parts)
    assert bool(parts) == bool(terms)
    assert len(whole) <= EXCERPT_LENGTH + 2 * len(CUT)
    assert whole.removeprefix(CUT).removesuffix(CUT) in text
    assert all(part.text for part in parts)
    marked = [fold(part.text) for part in parts if part.marked]
    assert not chosen or any(term[:1] in part for part in marked for term in chosen), (chosen, parts)
