"""What people may write into a visitor's record, and how two who do it at once are kept apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import Code, Refused
from services.presence.domain import validation
from services.presence.domain.profile import NOTES_KEPT, Edit, NoteEdit, cleaned, edited, noted, renoted
from services.presence.domain.visitor import Note, Visitor, Writer, newcomer

VERA = newcomer("acme", "0198aabbccdd4f2a", 1)


def note(number: int) -> Note:
    return Note(f"n{number}", "seen at the fair", "agent", "a1", "Ana", 5)


@pytest.mark.parametrize("good", ["", "vera@example.com", "v.e+ra@mail.example.co.uk", "o'neil@xn--bcher-kva.example"])
def test_an_email_address_is_taken(good: str) -> None:
    """S-25."""
    assert validation.email(f"  {good}" if good else good) == good


@pytest.mark.parametrize(
    "bad",
    ["vera", "vera@", "@example.com", "vera@example", "a b@example.com", "v@ex..com", ".v@example.com", "v@-x.com",
     "v@example.c", "v@exa_mple.com", "v\x00@example.com", "<v@example.com>", "a@b.example, c@d.example", "   ",
     f"{'v' * 250}@example.com"],
)  # fmt: skip
def test_what_is_no_email_address_is_refused_with_a_sentence(bad: str) -> None:
    """S-25."""
    with pytest.raises(Refused, match="email") as refused:
        validation.email(bad)
    assert refused.value.code is Code.INVALID


@pytest.mark.parametrize("good", ["", "+34 91 123-45.67", "(030) 1234"])
def test_a_phone_number_is_taken(good: str) -> None:
    """S-26."""
    assert validation.phone(good) == good


@pytest.mark.parametrize("bad", ["call me", "+-()", "1" * 41, "12\n34", "\u0661\u0662"])
def test_what_is_no_phone_number_is_refused(bad: str) -> None:
    with pytest.raises(Refused, match="phone"):
        validation.phone(bad)


@pytest.mark.parametrize("bad", ["   ", "\u2003", "a\x00b", "a\nb", "a\u2028b", "n" * 101, "\x1b[31mred"])
def test_a_name_of_nothing_or_of_control_characters_is_refused(bad: str) -> None:
    """S-24, I-22."""
    with pytest.raises(Refused, match="name"):
        validation.name(bad)


def test_lines_stay_lines_in_bio_and_notes() -> None:
    """S-58."""
    assert validation.bio("likes\r\n\ttea") == "likes\n\ttea"
    assert validation.bio("") == ""
    for bad in ("x" * 4001, "a\x00", " \n "):
        with pytest.raises(Refused):
            validation.bio(bad)
    for bad in ("", " ", "x" * 4001):
        with pytest.raises(Refused):
            validation.note(bad)


@given(st.text())
def test_every_text_is_taken_or_refused_and_nothing_else(anything: str) -> None:
    for field in (validation.name, validation.email, validation.phone, validation.bio, validation.note):
        try:
            once = field(anything)
        except Refused:
            continue
        assert field(once) == once


def test_an_edit_names_the_version_that_it_was_made_on() -> None:
    """S-59."""
    first = edited(VERA, VERA.version, Edit(name="Vera"))
    assert (first.name, first.version) == ("Vera", VERA.version + 1)
    with pytest.raises(Refused) as refused:
        edited(first, VERA.version, Edit(name="Wera"))
    assert refused.value.code is Code.CONFLICT


def test_an_edit_that_comes_again_succeeds_and_changes_nothing() -> None:
    edit = cleaned(Edit(name=" Vera ", phone="1"))
    once = edited(VERA, VERA.version, edit)
    assert edited(once, VERA.version, edit) is once


def test_fields_that_are_not_named_stay_and_empty_ones_are_taken_away() -> None:
    both = edited(VERA, 1, Edit(name="Vera", email="vera@example.com"))
    after = edited(both, 2, Edit(name=""))
    assert (after.name, after.email) == ("", "vera@example.com")
    assert after.placeholder == "Visitor 4F2A"


def test_a_note_is_added_once_and_there_is_a_bound() -> None:
    """S-27."""
    once = noted(VERA, note(1))
    assert (once.notes, once.version) == ((note(1),), 2)
    assert noted(once, note(1)) is once
    full = VERA
    for number in range(NOTES_KEPT):
        full = noted(full, note(number))
    assert noted(full, note(3)) is full
    with pytest.raises(Refused) as refused:
        noted(full, note(NOTES_KEPT))
    assert refused.value.code is Code.TOO_LARGE


ANA, BEA = Writer("agent", "a1", "Ana"), Writer("agent", "a2", "Bea")


def change(text: str, version: int = 1, editor: Writer = ANA, others: bool = False) -> NoteEdit:
    return NoteEdit(note="n1", version=version, text=text, editor=editor, others=others, at=9)


def refusal(visitor: Visitor, edit: NoteEdit) -> Code:
    with pytest.raises(Refused) as refused:
        renoted(visitor, edit)
    return refused.value.code


def test_a_note_is_edited_over_the_version_that_was_seen() -> None:
    """S-59."""
    before = noted(noted(VERA, note(1)), note(2))
    after = renoted(before, change("met at the fair"))
    assert [one.text for one in after.notes] == ["met at the fair", "seen at the fair"]
    first = after.notes[0]
    assert (first.at, first.author_name, first.version, first.edited_at, first.editor_name) == (5, "Ana", 2, 9, "Ana")
    assert after.version == before.version + 1
    assert renoted(after, change("met at the fair")) is after
    assert refusal(after, change("from the fair")) is Code.CONFLICT
    assert renoted(after, change("from the fair", version=2)).notes[0].version == 3


def test_only_its_author_and_administrators_edit_a_note() -> None:
    before = noted(VERA, note(1))
    assert refusal(before, change("mine now", editor=BEA)) is Code.FORBIDDEN
    assert refusal(before, change("mine now", editor=Writer("integration", "a1", "crm"))) is Code.FORBIDDEN
    after = renoted(before, change("put in order", editor=BEA, others=True))
    assert (after.notes[0].author, after.notes[0].editor_name) == ("a1", "Bea")
    assert refusal(VERA, change("of nothing", others=True)) is Code.NOT_FOUND
