"""Stored text and queries divide into the same terms (requirement S-12: past chats are found)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text.search_terms import MAX_QUERY_TERMS, MAX_TERM_LENGTH, fold, index_terms, query_terms


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
