"""Stored text and queries divide into the same terms (requirement S-12: past chats are found)."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text.search_terms import MAX_QUERY_TERMS, MAX_TERM_LENGTH, fold, index_terms, query_terms, term_spans

# Letters whose folds change their number, join their neighbours or vanish.
HARD = "aA1 _-éßŁlıſ\u0301\u0327\u0653\u0640각\u1100\u1161\u11a8ｶﾞガ\u3099\uffa1\uffc2ﬁ㍿½款คื\u0e49ా\u0b47\u0b3eς\u0345\u05b0ש\U0001d15e"
texts = st.one_of(st.text(), st.text(st.sampled_from(HARD), max_size=16))

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/search_terms.json").read_text())


@pytest.mark.parametrize(("text", "folded"), VECTORS["folded"])
def test_folding_is_that_of_the_browsers(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(("text", "terms"), VECTORS["terms"])
def test_the_terms_are_those_of_the_browsers(text: str, terms: list[str]) -> None:
    assert sorted(query_terms(text)) == sorted(terms)


def finds(query: str, text: str) -> bool:
    return bool(query_terms(query)) and set(query_terms(query)) <= set(index_terms([text], 100_000))


def test_case_accents_and_signs_do_not_matter() -> None:
    kept = index_terms(["¿Una DEVOLUCIÓN? Straße, ﬁn; a_b A-1234", "devolución"], 100)
    assert kept == ["una", "devolucion", "strasse", "fin", "a", "b", "1234"]
    assert index_terms(["Ελλάδα Москва ЁЛКА"], 100) == ["ελλαδα", "москва", "елка"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("退款", "您好，我想申请退款，谢谢"),
        ("款", "您好，我想申请退款，谢谢"),
        ("申请退款", "您好，我想申请退款，谢谢"),
        ("返品", "この商品を返品したいです"),
        ("ガス", "ガスの料金"),
        ("คืนเงิน", "ขอคืนเงินได้ไหมคะ"),
        ("환불", "환불을요청합니다"),
        ("iphone15", "我的IPHONE15坏了"),
        ("lodz", "Łódź"),
        ("Łódź", "LODZ"),
        ("jose", "Jose\u0301 García"),
        ("smorrebrod", "Smørrebrød"),
        ("strasse", "Straße"),
        ("دفع", "دَفَع"),
        ("احمد", "أحمد"),
        ("שלום", "שָׁלוֹם"),
        ("हिन्दी", "मुझे हिन्दी आती है"),
    ],
)
def test_a_word_is_found_in_every_script(query: str, text: str) -> None:
    assert finds(query, text), (query_terms(query), index_terms([text], 1000))


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("lodz", "Jadę do Łódź!", ["Łódź"]),
        ("Łódź", "to LODZ", ["LODZ"]),
        ("jose", "Jose\u0301 y JOSÉ, no Joseba", ["Jose\u0301", "JOSÉ"]),
        ("退款", "您好，我想申请退款，谢谢", ["退款"]),
        ("申请退款", "您好，我想申请退款，谢谢", ["申请退款"]),
        ("คืนเงิน", "ขอคืนเงินได้ไหมคะ", ["คืนเงิน"]),
        ("น", "เงิ้น น้ำ", ["น", "น้ำ"]),
        ("환불", "환불을요청합니다", ["환불"]),
        ("환불", "환불을", ["환불"]),
        ("ガ", "ｶﾞｽ", ["ｶﾞ"]),
        ("fin", "al ﬁn", ["ﬁn"]),
        ("strasse 5", "Straße 5", ["Straße", "5"]),
        ("دفع", "قد دَفَعـ", ["دَفَعـ"]),
        ("x" * 41, f"a {'x' * 50} b", ["x" * 50]),
        ("😀 款", "😀退款", ["款"]),
    ],
)
def test_the_matches_are_marked_in_the_original_text(query: str, text: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in term_spans(text, query_terms(query))] == marked


@pytest.mark.parametrize(
    ("query", "text"), [("退货", "我想申请退款"), ("かんき", "がんき"), ("ใน", "ขอคืนเงิน"), ("devol", "devolución")]
)
def test_another_word_is_not_found(query: str, text: str) -> None:
    assert not finds(query, text), (query_terms(query), index_terms([text], 1000))


def test_the_longest_term_comes_first() -> None:
    assert query_terms("de la devolución, la") == ["devolucion", "de", "la"]
    assert query_terms("…  ?!") == []


@given(st.text())
def test_a_text_finds_itself(text: str) -> None:
    kept = set(index_terms([text], 100_000))
    assert set(query_terms(text)) <= kept
    assert len(query_terms(text)) <= MAX_QUERY_TERMS
    assert all(0 < len(word) <= MAX_TERM_LENGTH and word == word.strip() for word in kept)


@given(texts, st.data())
def test_a_marked_part_folds_to_the_term(text: str, data: st.DataObject) -> None:
    """Each term of a text is marked somewhere, and each mark has the term, also by the rules that index it alone."""
    terms = index_terms([text], 100_000)
    for term in data.draw(st.lists(st.sampled_from(terms), max_size=3)) if terms else []:
        spans = term_spans(text, [term])
        assert spans, (text, term)
        for start, end in spans:
            assert term in fold(text[start:end]), (text, term, text[start:end])
            assert term in index_terms([text[start:end]], 100_000), (text, term, text[start:end])


@given(texts)
def test_marks_are_in_order_and_apart(text: str) -> None:
    spans = term_spans(text, index_terms([text], 100_000))
    assert all(span.start < span.end for span in spans), spans
    assert all(one.end < other.start for one, other in pairwise(spans)), spans
    assert term_spans(text, []) == []


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_case_does_not_matter_in_any_script(text: str) -> None:
    assert fold(text.upper()) == fold(text) or fold(text.upper().lower()) == fold(text.upper())


@given(st.text(), st.text())
def test_terms_do_not_depend_on_other_texts(one: str, other: str) -> None:
    joint = set(index_terms([one, other], 100_000))
    assert joint == set(index_terms([one], 100_000)) | set(index_terms([other], 100_000))


def test_the_limit_bounds_the_terms() -> None:
    assert index_terms(["a b c", "d e"], 4) == ["a", "b", "c", "d"]
