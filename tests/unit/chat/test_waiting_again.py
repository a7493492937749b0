"""A conversation that goes back to the queue, and entries about the search for an agent."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain.commands import Accept, Close, Command, Decision, Open, Write, decide
from services.chat.domain.log import ACTIVE, CLOSED, WAITING, Entry, Person, State, fold
from services.chat.events import live_entry
from services.chat.store.documents import reserved_document, state_of
from tests.unit.chat.talks import ANA, BEN, SITE, VERA, clocks, commands, reserved

BACK = ("requeued", "transferred")
UNREAD = ("offered", "offer_ended", "prioritised")
SYSTEM = Person("system", "palique", "Palique")


def routed(state: State, kind: str, at_ms: int) -> Entry:
    """An entry that routing writes."""
    return Entry(
        site=SITE,
        conversation_id=state.id,
        seq=state.head + 1,
        kind=kind,
        author=SYSTEM,
        at_ms=max(at_ms, state.last_at_ms),
        agent=ANA,
        reason="agent_lost",
        to_agent=BEN if kind == "transferred" else None,
    )


moves = st.lists(st.tuples(commands | st.sampled_from((*BACK, *UNREAD)), clocks), max_size=40)


def played(taken: list[tuple[Command | str, int]]) -> list[tuple[State, Entry, State]]:
    """Each entry with the states before and after it."""
    state, steps = reserved(), []
    for move, now_ms in taken:
        decision: Decision | None
        if isinstance(move, str):
            decision = routed(state, move, now_ms) if state.head else None
        else:
            decision = decide(state, move, now_ms)
        if isinstance(decision, Entry):
            after = fold(state, decision)
            steps.append((state, decision, after))
            state = after
    return steps


def state_after(*taken: Command | str) -> State:
    return played([(Open(SITE, VERA), 1000), *((move, 1001 + at) for at, move in enumerate(taken))])[-1][2]


def says(by: Person, text: str) -> Write:
    return Write(SITE, by, "message", text, text)


@given(moves)
def test_only_an_active_conversation_goes_back_to_the_queue_and_keeps_what_is_known_of_it(
    taken: list[tuple[Command | str, int]],
) -> None:
    for before, entry, after in played(taken):
        if entry.kind not in (*BACK, *UNREAD):
            continue
        unchanged = msgspec.structs.replace(before, head=entry.seq, last_at_ms=entry.at_ms)
        if before.status != ACTIVE or entry.kind in UNREAD:
            assert after == unchanged
            continue
        assert (after.status, after.assignee) == (WAITING, None)
        assert after.preview == (before.last_line if before.unanswered_since_ms else "")
        kept = msgspec.structs.replace(after, status=ACTIVE, assignee=before.assignee, preview="")
        assert kept == unchanged


@given(moves)
def test_an_active_conversation_has_an_assignee_and_a_waiting_one_has_none(
    taken: list[tuple[Command | str, int]],
) -> None:
    for _, _, after in played(taken):
        assert (after.assignee is not None) == (after.status == ACTIVE) or after.status == CLOSED
        assert not after.preview or after.status == WAITING
        assert after.assignee in (None, *after.agents[-1:])
        assert state_of(reserved_document(after)) == after


@pytest.mark.parametrize("kind", BACK)
def test_a_visitor_who_waits_again_is_seen_in_the_queue_with_the_last_unanswered_line(kind: str) -> None:
    unanswered = (says(VERA, "Hello"), Accept(SITE, ANA), says(ANA, "Hi"), says(VERA, "Where?"), says(VERA, "Hello?"))
    again = state_after(*unanswered, kind)
    assert (again.status, again.assignee, again.agents) == (WAITING, None, (ANA,))
    assert (again.started_at_ms, again.unanswered_since_ms, again.preview) == (1000, 1004, "Hello?")


def test_a_visitor_with_an_answer_is_seen_without_a_line_until_the_next_message() -> None:
    again = state_after(says(VERA, "Hello"), Accept(SITE, ANA), says(ANA, "Hi"), "requeued")
    assert (again.status, again.preview) == (WAITING, "")
    previews = []
    for text in ("Still there?", "Hello?"):
        message = decide(again, says(VERA, text), 2000)
        assert isinstance(message, Entry)
        again = fold(again, message)
        previews.append((again.preview, live_entry(message, again, "").HasField("state")))
    assert previews == [("Still there?", True), ("Still there?", False)], "agents did not see the line in the queue"


def test_the_agent_who_has_the_chat_again_is_the_latest_one() -> None:
    taken: list[Command | str] = [Accept(SITE, ANA), "requeued", Accept(SITE, BEN), "requeued", Accept(SITE, ANA)]
    assert state_after(*taken).agents == (BEN, ANA)


def test_a_closed_conversation_does_not_wait_again() -> None:
    ended = state_after(Accept(SITE, ANA), Close(SITE, ANA), "requeued")
    assert (ended.status, ended.assignee) == (CLOSED, ANA)
