"""The state of a conversation is a fold over its log, from any starting point."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.text.visible import has_visible_text
from services.chat.app.state_cache import fold_all
from services.chat.domain.commands import Accept, Close, Command, Open, Write, decide
from services.chat.domain.log import Entry, NotNext, Person, fold
from services.chat.events import live_entry
from services.chat.store.documents import (
    entry_document,
    entry_id,
    entry_of,
    reader_key,
    record_of,
    reserved_document,
    state_fields,
    state_of,
)
from tests.unit.chat.talks import ANA, SITE, VERA, played, reserved, steps


@given(steps, st.data())
def test_a_fold_from_any_projection_gives_the_same_state(taken: list[tuple[Command, int]], data: st.DataObject) -> None:
    """The document may be behind the log by any number of entries."""
    log = [entry for _, entry in played(reserved(), taken)]
    whole = fold_all({reserved().id: reserved()}, log)[reserved().id]
    behind = data.draw(st.integers(min_value=0, max_value=len(log)))
    projected = fold_all({reserved().id: reserved()}, log[:behind])[reserved().id]
    stored = state_of({"_id": projected.id, **state_fields(projected)})
    assert stored == projected
    assert fold_all({stored.id: stored}, log[behind:]) == {whole.id: whole}
    assert (whole.head, whole.messages) == (len(log), sum(entry.kind == "message" for entry in log))


@given(steps)
def test_entries_and_states_survive_a_round_trip_through_documents(taken: list[tuple[Command, int]]) -> None:
    for state, entry in played(reserved(), taken):
        assert entry_of(entry_document(entry, outbox=True)) == entry
        assert record_of(reserved_document(state)).state == state


def test_the_order_of_ids_is_the_order_of_the_log() -> None:
    seqs = [1, 2, 9, 10, 99, 100, 12_345, 999_999_999]
    ids = [entry_id("c" * 32, seq) for seq in seqs]
    assert ids == sorted(ids)


def test_fold_refuses_an_entry_that_is_not_the_next() -> None:
    entry = Entry(site=SITE, conversation_id=reserved().id, seq=2, kind="message", author=VERA, at_ms=1)
    with pytest.raises(NotNext):
        fold(reserved(), entry)


def test_an_unknown_kind_advances_the_head_and_changes_nothing_else() -> None:
    entry = Entry(site=SITE, conversation_id=reserved().id, seq=1, kind="tagged", author=ANA, at_ms=7)
    assert fold(reserved(), entry) == msgspec.structs.replace(reserved(), head=1, last_at_ms=7)


@given(st.sampled_from(["visitor", "agent"]), st.from_regex(r"[A-Za-z0-9_.@+:-]{1,128}", fullmatch=True))
def test_readers_survive_a_round_trip_through_field_names(kind: str, person_id: str) -> None:
    key = reader_key(Person(kind, person_id))
    assert "." not in key
    assert not key.startswith("$")
    document = {**reserved_document(reserved()), "reads": {key: 3}}
    assert record_of(document).reads == ((Person(kind, person_id), 3),)


def test_the_preview_is_the_first_visible_line_of_the_visitor_while_the_chat_waits() -> None:
    writes = [
        Write(SITE, VERA, "message", f"w{at}", text)
        for at, text in enumerate(("\u200b\n Where is it? \nNo. 7", "Hello?"))
    ]
    taken: list[tuple[Command, int]] = [(Open(SITE, VERA), 1000), *((write, 1001) for write in writes)]
    state = reserved()
    previews = []
    for command, now_ms in [*taken, (Accept(SITE, ANA), 1002)]:
        entry = decide(state, command, now_ms)
        assert isinstance(entry, Entry)
        state = fold(state, entry)
        previews.append((state.preview, live_entry(entry, state, "").HasField("state")))
    assert previews == [("", True), ("Where is it?", True), ("Where is it?", False), ("", True)]


def test_the_last_line_is_of_the_last_message_and_the_visitor_waits_until_an_agent_answers() -> None:
    crm = Person("integration", "crm", "crm")
    texts = [
        (VERA, "message", "Hello?", "Hello?", 1001),
        (VERA, "message", "\n Where is it? \nNo. 7", "Where is it?", 1001),
        (ANA, "note", "Patient.", "Where is it?", 1001),
        (crm, "message", "Order 7 left.", "Order 7 left.", 1001),
        (ANA, "message", "On its way.", "On its way.", 0),
        (VERA, "message", "x" * 200, "x" * 160, 1006),
    ]
    commands: list[Command] = [Write(SITE, by, kind, f"w{at}", text) for at, (by, kind, text, *_) in enumerate(texts)]
    (_, *states, ended) = [
        fold(*step)
        for step in played(
            reserved(),
            [(Open(SITE, VERA), 1000), (Accept(SITE, ANA), 1000)]
            + [(command, at) for at, command in enumerate(commands, 1001)]
            + [(Close(SITE, ANA), 1009)],
        )
    ]
    assert [(state.last_line, state.unanswered_since_ms) for state in states[1:]] == [row[3:] for row in texts]
    assert (ended.last_line, ended.unanswered_since_ms) == ("x" * 160, 0)


@given(steps)
def test_notes_change_neither_the_last_line_nor_the_wait_for_an_answer(taken: list[tuple[Command, int]]) -> None:
    log: list[Entry] = []
    for state, entry in played(reserved(), taken):
        log.append(entry)
        after = fold(state, entry)
        messages = [one for one in log if one.kind == "message"]
        answered = max((at for at, one in enumerate(messages) if one.author.kind == "agent"), default=-1)
        unanswered = [one.at_ms for one in messages[answered + 1 :] if one.author.kind == "visitor"]
        assert after.unanswered_since_ms == (unanswered[0] if unanswered and after.open else 0)
        if entry.kind == "message":
            assert after.last_line in entry.text
            assert after.last_line or not has_visible_text(entry.text)
        else:
            assert after.last_line == state.last_line
