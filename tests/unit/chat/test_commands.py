"""What may happen in a conversation, decided at its tail."""

import pytest
from hypothesis import given

from kit.codes import Code, Refused
from services.chat.domain.commands import DONE, Accept, Close, Command, Decision, Open, Write, decide
from services.chat.domain.log import Entry, Person, State, fold
from tests.unit.chat.talks import ANA, BEN, CRM, PEOPLE, SITE, STRANGER, VERA, commands, played, reserved, steps

NOW = 2000


def after(*taken: Command, opened_by: Person = VERA) -> State:
    """The state once these were appended."""
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


def test_visitors_write_in_their_own_only() -> None:
    assert isinstance(decide(after(), message(VERA), NOW), Entry)
    assert code(decide(after(), message(STRANGER), NOW)) is Code.NOT_FOUND
    assert code(decide(after(), message(VERA, site="other"), NOW)) is Code.NOT_FOUND
    assert code(decide(after(), message(VERA, kind="note"), NOW)) is Code.FORBIDDEN


def test_agents_write_where_they_are_assigned_and_note_everywhere() -> None:
    waiting, anas = after(), after(Accept(SITE, ANA))
    assert code(decide(waiting, message(ANA), NOW)) is Code.NOT_ASSIGNED
    assert isinstance(decide(anas, message(ANA), NOW), Entry)
    assert code(decide(anas, message(BEN), NOW)) is Code.NOT_ASSIGNED
    assert isinstance(decide(anas, message(BEN, kind="note"), NOW), Entry)
    assert isinstance(decide(waiting, message(CRM), NOW), Entry)


def test_an_agent_takes_what_waits_and_nobody_takes_it_from_them() -> None:
    """I-7: one owner."""
    taken = decide(after(), Accept(SITE, ANA), NOW)
    assert isinstance(taken, Entry)
    assert (taken.kind, taken.agent, taken.author) == ("assigned", ANA, ANA)
    anas = after(Accept(SITE, ANA))
    assert decide(anas, Accept(SITE, ANA), NOW) is DONE
    assert code(decide(anas, Accept(SITE, BEN), NOW)) is Code.ALREADY_ASSIGNED
    assert code(decide(after(), Accept(SITE, VERA), NOW)) is Code.FORBIDDEN


@pytest.mark.parametrize(
    ("by", "any_assignee", "may"),
    [(ANA, False, True), (BEN, False, False), (BEN, True, True), (VERA, False, True), (CRM, False, True)],
)
def test_who_may_end_what_ana_has(by: Person, any_assignee: bool, may: bool) -> None:
    decision = decide(after(Accept(SITE, ANA)), Close(SITE, by, any_assignee), NOW)
    assert isinstance(decision, Entry) if may else code(decision) is Code.NOT_ASSIGNED


def test_anybody_of_the_site_ends_what_waits() -> None:
    assert isinstance(decide(after(), Close(SITE, BEN), NOW), Entry)
    assert code(decide(after(), Close(SITE, STRANGER), NOW)) is Code.NOT_FOUND


@given(commands)
def test_a_closed_log_takes_nothing(command: Command) -> None:
    """I-25: it refuses, and says so."""
    closed = after(Accept(SITE, ANA), Close(SITE, ANA))
    decision = decide(closed, command, NOW)
    assert not isinstance(decision, Entry)
    if isinstance(command, Write) and command.by == VERA and command.kind == "message" and command.site == SITE:
        assert code(decision) is Code.CLOSED
    if isinstance(command, Close) and command.by != STRANGER and command.site == SITE:
        assert decision is DONE


@given(steps)
def test_a_reserved_conversation_begins_with_its_first_entry_and_only_once(taken: list[tuple[Command, int]]) -> None:
    kinds = [entry.kind for _, entry in played(reserved(), taken)]
    assert kinds[:1] in ([], ["opened"])
    assert kinds.count("opened") <= 1


@given(steps)
def test_logs_are_dense_and_their_times_never_fall(taken: list[tuple[Command, int]]) -> None:
    """I-5, though the clocks of the writers disagree."""
    log = [entry for _, entry in played(reserved(), taken)]
    assert [entry.seq for entry in log] == list(range(1, len(log) + 1))
    assert [entry.at_ms for entry in log] == sorted(entry.at_ms for entry in log)


@given(steps)
def test_the_owner_never_changes_and_nothing_follows_the_end(taken: list[tuple[Command, int]]) -> None:
    log = [entry for _, entry in played(reserved(), taken)]
    assert sum(entry.kind == "assigned" for entry in log) <= 1
    assert "closed" not in [entry.kind for entry in log[:-1]]


@given(steps)
def test_no_entry_is_anybodys_who_may_not(taken: list[tuple[Command, int]]) -> None:
    for state, entry in played(reserved(), taken):
        assert entry.author != STRANGER
        if entry.kind == "message" and entry.author.kind == "agent":
            assert entry.author == state.assignee
        if entry.kind == "note":
            assert entry.author.kind != "visitor"


def test_started_by_tells_visitors_from_everybody_else() -> None:
    """S-22."""
    assert {who.kind: reserved(who).started_by for who in PEOPLE} == {
        "visitor": "visitor",
        "agent": "agent",
        "integration": "agent",
    }
