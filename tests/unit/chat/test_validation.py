"""Strict validation of requests, field by field."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from palique.chat.v1 import chat_pb2

from kit.codes import Code, Refused
from kit.ids import new_id
from services.chat import validation
from services.chat.ports import ListPosition


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (validation.site, ["demo", "a", "my-site_2"], ["", "Demo", "a b", "$ne", "-a", "x" * 65, "demo\n"]),
        (validation.text, ["x", "á" * 4000, " x "], ["", "  \n\t", "x" * 4001, "a\0b"]),
        (validation.client_id, ["x", "y" * 64], ["", " ", "y" * 65, "a\0"]),
        (validation.text_kind, ["message", "note"], ["", "closed", "hidden", "Message"]),
        (validation.country, ["", "ES"], ["es", "ESP", "E1", "ES\n"]),
        (validation.region, ["", "Castilla y León"], ["x" * 101, "\0"]),
        (validation.origin, ["", new_id()], ["x" * 65, "\0"]),
        (validation.status, ["", "waiting", "active", "closed"], ["reserved", "open", "$gt"]),
        (
            validation.position,
            ["", f"123-{'a' * 32}"],
            ["x", "123", f"-1-{'a' * 32}", f"1-{'g' * 32}", f"1-{'a' * 32}\n"],
        ),
    ],
)
def test_good_values_pass_and_bad_ones_are_invalid(
    check: Callable[[str], object], good: list[str], bad: list[str]
) -> None:
    for value in good:
        check(value)
    for value in bad:
        with pytest.raises(Refused) as refused:
            check(value)
        assert refused.value.code is Code.INVALID


@pytest.mark.parametrize("bad", ["", "x", "A" * 32, "a" * 31, "a" * 33, '{"$gt":""}', "a" * 32 + "\n"])
def test_a_malformed_conversation_id_is_not_found(bad: str) -> None:
    """The same answer as for one that does not exist."""
    with pytest.raises(Refused) as refused:
        validation.conversation_id(bad)
    assert refused.value.code is Code.NOT_FOUND
    assert validation.cursors([(bad, 1)]) == {}


@pytest.mark.parametrize(
    ("kind", "person_id", "name"),
    [
        ("", "a", ""),
        ("robot", "a", ""),
        ("agent", "", ""),
        ("agent", "a%b", ""),
        ("agent", "$a", ""),
        ("agent", "a", "x" * 201),
    ],
)
def test_malformed_people_are_refused(kind: str, person_id: str, name: str) -> None:
    with pytest.raises(Refused):
        validation.person("author", chat_pb2.Person(kind=kind, id=person_id, name=name))


@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_a_cursor_survives_a_round_trip(at_ms: int) -> None:
    position = ListPosition(at_ms, new_id())
    assert validation.position(validation.cursor_of(position)) == position
