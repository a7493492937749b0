"""Profile texts, and edits of profiles and notes: versions, repeats, access."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import Code, Refused
from services.presence.domain import profile_fields
from services.presence.domain.profile import (
    MAX_NOTES,
    NoteEdit,
    add_note,
    edit_note,
    edit_profile,
    fill_profile,
    normalized,
)
from services.presence.domain.visitor import Note, Person, Visitor, new_visitor

VERA = new_visitor("acme", "0198aabbccdd4f2a", 1)


def note(number: int) -> Note:
    return Note(f"n{number}", "seen at the fair", "agent", "a1", "Ana", 5)


@pytest.mark.parametrize(
    "good",
    [
        "",
        "vera@example.com",
        "v.e+ra@mail.example.co.uk",
        "o'neil@bücher.example",
        "Ana.López@correo.example",
        "用户@例子.广告",
    ],
)
def test_valid_email_addresses_are_accepted(good: str) -> None:
    """Requirement S-25."""
    assert profile_fields.email(f"  {good}" if good else good) == good


@pytest.mark.parametrize(
    "bad",
    ["vera", "vera@", "@example.com", "vera@example", "a b@example.com", "v@ex..com", ".v@example.com", "v@-x.com",
     "v@exa_mple.com", "a\u200b@example.com", "v\x00@example.com", "<v@example.com>", "a@b.example, c@d.example", "   ",
     f"{'v' * 250}@example.com"],
)  # fmt: skip
def test_invalid_email_addresses_are_refused_with_the_name_of_the_field(bad: str) -> None:
    """Requirement S-25."""
    with pytest.raises(Refused, match="email") as refused:
        profile_fields.email(bad)
    assert refused.value.code is Code.INVALID


@pytest.mark.parametrize("good", ["", "+34 91 123-45.67", "(030) 1234"])
def test_valid_phone_numbers_are_accepted(good: str) -> None:
    """Requirement S-26."""
    assert profile_fields.phone(good) == good


@pytest.mark.parametrize("bad", ["call me", "+-()", "1" * 41, "12\n34", "\u0661\u0662"])
def test_invalid_phone_numbers_are_refused(bad: str) -> None:
    with pytest.raises(Refused, match="phone"):
        profile_fields.phone(bad)


@pytest.mark.parametrize("bad", ["   ", "\u2003", "a\x00b", "a\nb", "a\u2028b", "n" * 101, "\x1b[31mred"])
def test_blank_long_and_control_characters_in_a_name_are_refused(bad: str) -> None:
    """Requirements S-24, I-22."""
    with pytest.raises(Refused, match="name"):
        profile_fields.name(bad)


def test_bio_and_notes_keep_their_line_breaks() -> None:
    """Requirement S-58."""
    assert profile_fields.bio("likes\r\n\ttea") == "likes\n\ttea"
    assert profile_fields.bio("") == ""
    for bad in ("x" * 4001, "a\x00", " \n "):
        with pytest.raises(Refused):
            profile_fields.bio(bad)
    for bad in ("", " ", "x" * 4001):
        with pytest.raises(Refused):
            profile_fields.note(bad)


@given(st.text())
def test_every_text_is_refused_or_stored_in_a_form_that_is_accepted_unchanged(anything: str) -> None:
    for field in (
        profile_fields.name,
        profile_fields.email,
        profile_fields.phone,
        profile_fields.bio,
        profile_fields.note,
    ):
        try:
            once = field(anything)
        except Refused:
            continue
        assert field(once) == once


def test_an_edit_at_an_old_version_is_a_conflict() -> None:
    """Requirement S-59: no edit overwrites another one unseen."""
    first = edit_profile(VERA, VERA.version, {"name": "Vera"})
    assert (first.name, first.version) == ("Vera", VERA.version + 1)
    with pytest.raises(Refused) as refused:
        edit_profile(first, VERA.version, {"name": "Wera"})
    assert refused.value.code is Code.CONFLICT


def test_a_repeated_edit_succeeds_and_changes_nothing() -> None:
    edit = normalized({"name": " Vera ", "phone": "1"})
    once = edit_profile(VERA, VERA.version, edit)
    assert edit_profile(once, VERA.version, edit) is once


def test_missing_fields_stay_and_empty_fields_are_cleared() -> None:
    both = edit_profile(VERA, 1, {"name": "Vera", "email": "vera@example.com"})
    after = edit_profile(both, 2, {"name": ""})
    assert (after.name, after.email) == ("", "vera@example.com")
    assert after.placeholder == "Visitor 4F2A"


@given(
    st.dictionaries(st.sampled_from(["name", "email", "phone"]), st.sampled_from(["", "known"])),
    st.dictionaries(st.sampled_from(["name", "email", "phone"]), st.sampled_from(["", "of the page"])),
)
def test_a_page_fills_empty_fields_and_replaces_none(known: dict[str, str], given: dict[str, str]) -> None:
    """What a page says is not signed."""
    before = edit_profile(VERA, VERA.version, known)
    after = fill_profile(before, given)
    for field in ("name", "email", "phone"):
        assert getattr(after, field) == (getattr(before, field) or given.get(field, ""))
    assert fill_profile(after, given) is after
    assert (after is before) == (after.version == before.version)


def test_a_page_fills_what_an_agent_has_not_entered() -> None:
    named = edit_profile(VERA, VERA.version, {"name": "Vera"})
    after = fill_profile(named, {"name": "Igor", "email": "vera@example.com"})
    assert (after.name, after.email, after.version) == ("Vera", "vera@example.com", named.version + 1)


def test_a_note_is_added_once_up_to_the_bound() -> None:
    """Requirement S-27."""
    once = add_note(VERA, note(1))
    assert (once.notes, once.version) == ((note(1),), 2)
    assert add_note(once, note(1)) is once
    full = VERA
    for number in range(MAX_NOTES):
        full = add_note(full, note(number))
    assert add_note(full, note(3)) is full
    with pytest.raises(Refused) as refused:
        add_note(full, note(MAX_NOTES))
    assert refused.value.code is Code.TOO_LARGE


ANA, BEA = Person("agent", "a1", "Ana"), Person("agent", "a2", "Bea")


def change(text: str, version: int = 1, editor: Person = ANA, may_edit_others: bool = False) -> NoteEdit:
    return NoteEdit(note_id="n1", version=version, text=text, editor=editor, may_edit_others=may_edit_others, at=9)


def refusal(visitor: Visitor, edit: NoteEdit) -> Code:
    with pytest.raises(Refused) as refused:
        edit_note(visitor, edit)
    return refused.value.code


def test_a_note_is_edited_at_its_version_only() -> None:
    """Requirement S-59: no edit overwrites another one unseen."""
    before = add_note(add_note(VERA, note(1)), note(2))
    after = edit_note(before, change("met at the fair"))
    assert [one.text for one in after.notes] == ["met at the fair", "seen at the fair"]
    first = after.notes[0]
    assert (first.at, first.author_name, first.version, first.edited_at, first.editor_name) == (5, "Ana", 2, 9, "Ana")
    assert after.version == before.version + 1
    assert edit_note(after, change("met at the fair")) is after
    assert refusal(after, change("from the fair")) is Code.CONFLICT
    assert edit_note(after, change("from the fair", version=2)).notes[0].version == 3


def test_only_the_author_and_administrators_edit_a_note() -> None:
    before = add_note(VERA, note(1))
    assert refusal(before, change("mine now", editor=BEA)) is Code.FORBIDDEN
    assert refusal(before, change("mine now", editor=Person("integration", "a1", "crm"))) is Code.FORBIDDEN
    after = edit_note(before, change("put in order", editor=BEA, may_edit_others=True))
    assert (after.notes[0].author_id, after.notes[0].editor_name) == ("a1", "Bea")
    assert refusal(VERA, change("of nothing", may_edit_others=True)) is Code.NOT_FOUND
