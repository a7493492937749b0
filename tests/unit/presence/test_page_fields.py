"""Fields of a page: their stored form, replaced and removed by key, bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palique.presence.v1 import presence_pb2 as pb

from kit.codes import Code, Refused
from kit.page_fields import MAX_FIELDS, MAX_VALUE
from services.presence.domain.page_fields import set_fields
from services.presence.domain.visitor import PageField, new_visitor
from services.presence.validation import page_fields

VERA = new_visitor("acme", "v1", 1)


def checked(key: str, value: str) -> str:
    """The stored value."""
    [found] = page_fields([pb.PageField(key=key, value=value)])
    assert found.key == key
    return found.value


@pytest.mark.parametrize("key", ["plan", "cart.value", "order_no", "A-1", "__proto__", "k" * 40])
def test_a_key_of_letters_digits_and_three_signs_is_accepted(key: str) -> None:
    assert checked(key, "x") == "x"


@pytest.mark.parametrize(
    "key", ["", "k" * 41, "two words", "plan\n", "$set", "<b>", "pl\u00e4n", "\u202eplan", "a\x00"]
)
def test_another_key_is_refused(key: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(key, "x")
    assert refused.value.code is Code.INVALID


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("  Pro ", "Pro"),
        ("two\n\tlines", "two lines"),
        ("gnp.\u202eexe", "gnp.exe"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("\u2066\u200b \u2069", ""),
        ("", ""),
        (" " * 10_000 + "Pro", "Pro"),
    ],
)
def test_a_value_is_one_line_without_marks_that_turn_it(given: str, stored: str) -> None:
    assert checked("plan", given) == stored


def test_a_long_value_is_refused_with_its_key() -> None:
    assert len(checked("plan", "x" * MAX_VALUE)) == MAX_VALUE
    with pytest.raises(Refused, match="plan") as refused:
        checked("plan", "x" * 10_000)
    assert refused.value.code is Code.INVALID


@pytest.mark.parametrize("count", [0, MAX_FIELDS + 1])
def test_a_call_names_one_to_twenty_fields(count: int) -> None:
    with pytest.raises(Refused, match="fields"):
        page_fields([pb.PageField(key=f"k{number}", value="x") for number in range(count)])


def test_a_later_value_replaces_one_of_its_key_only_and_an_empty_one_removes_it() -> None:
    first = set_fields(VERA, [PageField("plan", "Pro"), PageField("cart", "12")])
    after = set_fields(first, [PageField("cart", "15"), PageField("order", "7")])
    assert after.fields == (PageField("plan", "Pro"), PageField("cart", "15"), PageField("order", "7"))
    assert set_fields(after, [PageField("cart", "")]).fields == (PageField("plan", "Pro"), PageField("order", "7"))
    assert (first.fields_version, after.fields_version) == (1, 2)
    # An agent's edit of the profile goes on.
    assert after.version == VERA.version


def test_what_is_stored_already_changes_nothing() -> None:
    first = set_fields(VERA, [PageField("plan", "Pro")])
    assert set_fields(first, [PageField("plan", "Pro"), PageField("other", "")]) is first


def test_more_than_twenty_are_refused_and_one_that_goes_makes_room() -> None:
    full = set_fields(VERA, [PageField(f"k{number}", "x") for number in range(MAX_FIELDS)])
    with pytest.raises(Refused) as refused:
        set_fields(full, [PageField("k0", "y"), PageField("more", "x")])
    assert refused.value.code is Code.TOO_LARGE
    assert len(set_fields(full, [PageField("k0", ""), PageField("more", "x")]).fields) == MAX_FIELDS


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "x", "y"]))))
def test_the_last_value_of_a_key_counts(changes: list[tuple[str, str]]) -> None:
    after = set_fields(VERA, [PageField(key, value) for key, value in changes])
    assert {field.key: field.value for field in after.fields} == {k: v for k, v in dict(changes).items() if v}
