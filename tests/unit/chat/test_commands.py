"""Decisions on commands at the tail of a conversation."""

import pytest
from hypothesis import given

from kit.codes import Code, Refused
from services.chat.domain.commands import DONE, Accept, Close, Command, Decision, Open, Write, decide
from services.chat.domain.log import Entry, Person, State, fold
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
def test_the_assignee_never_changes_and_closed_is_the_last_entry(taken: list[tuple[Command, int]]) -> None:
    log = [entry for _, entry in played(reserved(), taken)]
    assert sum(entry.kind == "assigned" for entry in log) <= 1
    assert "closed" not in [entry.kind for entry in log[:-1]]


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
