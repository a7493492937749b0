"""Decisions on commands at the tail of a conversation."""

import pytest
from hypothesis import given

from kit.codes import Code, Refused
from services.chat.domain.commands import (
    DONE,
    Accept,
    Close,
    Command,
    Decision,
    Open,
    Release,
    Requeue,
    TakeOver,
    Write,
    decide,
)
from services.chat.domain.log import ACTIVE, WAITING, Entry, Person, State, fold
from tests.unit.chat.talks import ANA, BEN, CRM, PEOPLE, SITE, STRANGER, VERA, commands, played, reserved, steps

NOW = 2000


def after(*taken: Command, opened_by: Person = VERA) -> State:
    """The state after these commands."""
    state = reserved(opened_by)
    for command in (Open(SITE, opened_by), *taken):
        decision = decide(state, command, NOW)
        assert isinstance(decision, Entry), decision
        state = fold(state, decision)
    return state


def message(by: Person, kind: str = "message", site: str = SITE) -> Write:
    return Write(site, by, kind, "id-1", "Hello")


def code(decision: Decision) -> Code:
    assert isinstance(decision, Refused), decision
    return decision.code


def test_visitors_write_only_in_their_own_conversations() -> None:
    assert isinstance(decide(after(), message(VERA), NOW), Entry)
    assert code(decide(after(), message(STRANGER), NOW)) is Code.NOT_FOUND
    assert code(decide(after(), message(VERA, site="other"), NOW)) is Code.NOT_FOUND
    assert code(decide(after(), message(VERA, kind="note"), NOW)) is Code.FORBIDDEN


def test_agents_write_messages_where_they_are_assigned_and_notes_everywhere() -> None:
    waiting, anas = after(), after(Accept(SITE, ANA))
    assert code(decide(waiting, message(ANA), NOW)) is Code.NOT_ASSIGNED
    assert isinstance(decide(anas, message(ANA), NOW), Entry)
    assert code(decide(anas, message(BEN), NOW)) is Code.NOT_ASSIGNED
    assert isinstance(decide(anas, message(BEN, kind="note"), NOW), Entry)
    assert isinstance(decide(waiting, message(CRM), NOW), Entry)


def test_an_agent_accepts_a_waiting_conversation_and_keeps_it() -> None:
    """Requirement I-7: a conversation has one assignee."""
    taken = decide(after(), Accept(SITE, ANA), NOW)
    assert isinstance(taken, Entry)
    assert (taken.kind, taken.agent, taken.author) == ("assigned", ANA, ANA)
    anas = after(Accept(SITE, ANA))
    assert decide(anas, Accept(SITE, ANA), NOW) is DONE
    assert code(decide(anas, Accept(SITE, BEN), NOW)) is Code.ALREADY_ASSIGNED
    assert code(decide(after(), Accept(SITE, VERA), NOW)) is Code.FORBIDDEN


def test_the_assignee_gives_the_conversation_back_to_the_queue_once() -> None:
    anas = after(Accept(SITE, ANA))
    released = decide(anas, Release(SITE, ANA), NOW)
    assert isinstance(released, Entry)
    assert (released.kind, released.author, released.agent, released.reason) == ("requeued", ANA, ANA, "released")
    waiting = fold(anas, released)
    assert decide(waiting, Release(SITE, ANA), NOW) is DONE
    assert isinstance(decide(waiting, Accept(SITE, BEN), NOW), Entry)
    bens = after(Accept(SITE, ANA), Release(SITE, ANA), Accept(SITE, BEN))
    assert code(decide(bens, Release(SITE, ANA), NOW)) is Code.NOT_ASSIGNED, "Ben has it by now"
    assert isinstance(decide(bens, Release(SITE, BEN), NOW), Entry)


def test_the_conversation_of_an_agent_that_is_gone_goes_back_unless_it_goes_on() -> None:
    anas = after(Accept(SITE, ANA))
    requeued = decide(anas, Requeue(SITE, CRM, ANA, anas.head, "agent_lost"), NOW)
    assert isinstance(requeued, Entry)
    assert (requeued.kind, requeued.author, requeued.agent, requeued.reason) == ("requeued", CRM, ANA, "agent_lost")
    assert fold(anas, requeued).status == WAITING
    assert code(decide(anas, Requeue(SITE, CRM, ANA, anas.head - 1, "agent_lost"), NOW)) is Code.CONFLICT
    assert code(decide(anas, Requeue(SITE, VERA, ANA, anas.head, "agent_lost"), NOW)) is Code.FORBIDDEN


@pytest.mark.parametrize(
    "taken", [(), (Accept(SITE, BEN),), (Accept(SITE, ANA), Close(SITE, ANA))], ids=["waits", "another's", "ended"]
)
def test_a_conversation_that_the_gone_agent_has_no_more_does_not_change(taken: tuple[Command, ...]) -> None:
    state = after(*taken)
    assert decide(state, Requeue(SITE, CRM, ANA, state.head, "agent_lost"), NOW) is DONE


@pytest.mark.parametrize(
    ("taken", "by", "refusal"),
    [
        ((), ANA, Code.NOT_ASSIGNED),
        ((Accept(SITE, ANA),), BEN, Code.NOT_ASSIGNED),
        ((Accept(SITE, ANA),), CRM, Code.NOT_ASSIGNED),
        ((Accept(SITE, ANA),), VERA, Code.FORBIDDEN),
        ((Accept(SITE, ANA),), STRANGER, Code.NOT_FOUND),
        ((Accept(SITE, ANA), Close(SITE, ANA)), ANA, Code.CLOSED),
    ],
)
def test_only_the_assignee_of_an_open_conversation_gives_it_back(
    taken: tuple[Command, ...], by: Person, refusal: Code
) -> None:
    assert code(decide(after(*taken), Release(SITE, by), NOW)) is refusal
    assert code(decide(after(Accept(SITE, ANA)), Release("other", ANA), NOW)) is Code.NOT_FOUND


def test_an_administrator_takes_over_the_conversation_of_another_agent_once() -> None:
    anas = after(Accept(SITE, ANA))
    taken = decide(anas, TakeOver(SITE, BEN, any_assignee=True), NOW)
    assert isinstance(taken, Entry)
    assert (taken.kind, taken.author, taken.agent, taken.by) == ("assigned", BEN, BEN, "take_over")
    bens = fold(anas, taken)
    assert (bens.status, bens.assignee, bens.agents) == (ACTIVE, BEN, (ANA, BEN))
    assert decide(bens, TakeOver(SITE, BEN, any_assignee=True), NOW) is DONE
    assert code(decide(bens, message(ANA), NOW)) is Code.NOT_ASSIGNED
    assert isinstance(decide(bens, message(BEN), NOW), Entry)


@pytest.mark.parametrize(
    ("taken", "command", "refusal"),
    [
        ((Accept(SITE, ANA),), TakeOver(SITE, BEN), Code.FORBIDDEN),
        ((Accept(SITE, ANA),), TakeOver(SITE, VERA, any_assignee=True), Code.FORBIDDEN),
        ((Accept(SITE, ANA),), TakeOver(SITE, STRANGER, any_assignee=True), Code.NOT_FOUND),
        ((Accept(SITE, ANA),), TakeOver("other", BEN, any_assignee=True), Code.NOT_FOUND),
        ((), TakeOver(SITE, BEN, any_assignee=True), Code.NOT_ASSIGNED),
        ((Accept(SITE, ANA), Close(SITE, ANA)), TakeOver(SITE, BEN, any_assignee=True), Code.CLOSED),
    ],
)
def test_only_an_active_conversation_is_taken_over_and_by_an_administrator_only(
    taken: tuple[Command, ...], command: TakeOver, refusal: Code
) -> None:
    assert code(decide(after(*taken), command, NOW)) is refusal


@pytest.mark.parametrize(
    ("by", "any_assignee", "allowed"),
    [(ANA, False, True), (BEN, False, False), (BEN, True, True), (VERA, False, True), (CRM, False, True)],
)
def test_closing_an_assigned_conversation(by: Person, any_assignee: bool, allowed: bool) -> None:
    decision = decide(after(Accept(SITE, ANA)), Close(SITE, by, any_assignee), NOW)
    assert isinstance(decision, Entry) if allowed else code(decision) is Code.NOT_ASSIGNED


def test_any_agent_of_the_site_closes_a_waiting_conversation() -> None:
    assert isinstance(decide(after(), Close(SITE, BEN), NOW), Entry)
    assert code(decide(after(), Close(SITE, STRANGER), NOW)) is Code.NOT_FOUND


@given(commands)
def test_no_entry_follows_the_end(command: Command) -> None:
    """Requirement I-25: a message to a closed conversation gets the code `closed`."""
    closed = after(Accept(SITE, ANA), Close(SITE, ANA))
    decision = decide(closed, command, NOW)
    assert not isinstance(decision, Entry)
    if isinstance(command, Write) and command.by == VERA and command.kind == "message" and command.site == SITE:
        assert code(decision) is Code.CLOSED
    if isinstance(command, Close) and command.by != STRANGER and command.site == SITE:
        assert decision is DONE


@given(steps)
def test_a_log_begins_with_one_opened_entry(taken: list[tuple[Command, int]]) -> None:
    kinds = [entry.kind for _, entry in played(reserved(), taken)]
    assert kinds[:1] in ([], ["opened"])
    assert kinds.count("opened") <= 1


@given(steps)
def test_logs_are_dense_and_times_never_decrease(taken: list[tuple[Command, int]]) -> None:
    """Requirement I-5, with writers whose clocks differ."""
    log = [entry for _, entry in played(reserved(), taken)]
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert [entry.at_ms for entry in log] == sorted(entry.at_ms for entry in log)


@given(steps)
def test_the_assignee_changes_only_through_the_queue_or_a_take_over_and_closed_is_the_last_entry(
    taken: list[tuple[Command, int]],
) -> None:
    log = played(reserved(), taken)
    for state, entry in log:
        if entry.kind == "assigned":
            assert (state.status == WAITING) == (entry.by != "take_over")
            assert state.assignee != entry.agent
        if entry.kind == "requeued":
            assert entry.author == entry.agent == state.assignee
    assert "closed" not in [entry.kind for _, entry in log[:-1]]


@given(steps)
def test_every_author_was_allowed_to_write(taken: list[tuple[Command, int]]) -> None:
    for state, entry in played(reserved(), taken):
        assert entry.author != STRANGER
        if entry.kind == "message" and entry.author.kind == "agent":
            assert entry.author == state.assignee
        if entry.kind == "note":
            assert entry.author.kind != "visitor"


def test_started_by_is_visitor_or_agent() -> None:
    """Requirement S-22."""
    assert {person.kind: reserved(person).started_by for person in PEOPLE} == {
        "visitor": "visitor",
        "agent": "agent",
        "integration": "agent",
    }
