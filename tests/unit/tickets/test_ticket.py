"""Changes of a ticket: version, history, conflicts, the rules of each field."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import Code, Refused
from kit.vocabulary import PERSON_KINDS, TICKET_PRIORITIES, TICKET_STATUSES
from services.tickets.domain.person import Person
from services.tickets.domain.ticket import (
    MAX_HISTORY,
    SUBJECT_LIMIT,
    Ticket,
    TicketPatch,
    apply_patch,
    default_subject,
    new_ticket,
)
from services.tickets.domain.transcript import Transcript

ANA, BEN = Person("agent", "ana", "Ana"), Person("agent", "ben", "Ben")
CRM = Person("integration", "crm", "crm")


def created_by(person: Person) -> Ticket:
    return new_ticket(
        site="acme",
        ticket_id="t",
        number=1,
        subject="Lamp",
        priority="normal",
        by=person,
        now_ms=1,
        transcript=Transcript(),
    )


def a_ticket(**fields: object) -> Ticket:
    return msgspec.structs.replace(created_by(CRM), **fields)


def refusal(ticket: Ticket, version: int, patch: TicketPatch, by: Person = ANA) -> Code:
    with pytest.raises(Refused) as refused:
        apply_patch(ticket, version, patch, by, 2)
    return refused.value.code


def test_a_ticket_belongs_to_the_agent_that_creates_it() -> None:
    assert created_by(ANA).assignee == ANA
    assert created_by(ANA).history == ()


@pytest.mark.parametrize("kind", [kind for kind in PERSON_KINDS if kind != "agent"])
def test_a_ticket_that_no_agent_creates_has_no_assignee(kind: str) -> None:
    assert created_by(Person(kind, "x")).assignee is None


def test_a_change_raises_the_version_and_adds_to_the_history() -> None:
    after, changes = apply_patch(a_ticket(), 1, TicketPatch(status="pending", assignee=BEN), ANA, 5)
    assert (after.version, after.status, after.assignee, after.updated_at_ms) == (2, "pending", BEN, 5)
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("status", "open", "pending"),
        ("assignee", "", "ben"),
    ]
    assert after.history == changes


def test_a_patch_with_the_current_values_changes_nothing() -> None:
    ticket = a_ticket(assignee=BEN)
    patch = TicketPatch(subject="Lamp", status="open", priority="normal", assignee=BEN)
    assert apply_patch(ticket, 1, patch, ANA, 5) == (ticket, ())
    assert apply_patch(ticket, 1, TicketPatch(), ANA, 5) == (ticket, ())


def test_an_assignee_with_an_empty_id_removes_the_assignee() -> None:
    after, changes = apply_patch(a_ticket(assignee=BEN), 1, TicketPatch(assignee=Person("", "")), ANA, 5)
    assert after.assignee is None
    assert [(change.before, change.after) for change in changes] == [("ben", "")]


def test_a_closed_ticket_can_only_be_opened_again() -> None:
    closed = a_ticket(status="closed")
    assert refusal(closed, 1, TicketPatch(status="pending")) == Code.INVALID
    assert refusal(closed, 1, TicketPatch(status="solved")) == Code.INVALID
    assert apply_patch(closed, 1, TicketPatch(status="open"), ANA, 2)[0].status == "open"
    assert apply_patch(closed, 1, TicketPatch(priority="high"), ANA, 2)[0].status == "closed"


@pytest.mark.parametrize("version", [-1, 0, 2, 99])
def test_a_change_at_any_other_version_is_a_conflict(version: int) -> None:
    assert refusal(a_ticket(), version, TicketPatch(status="solved")) == Code.CONFLICT


def test_the_same_person_may_repeat_the_latest_change() -> None:
    """After an unknown outcome. A change by another person and one before the latest are conflicts."""
    after, _ = apply_patch(a_ticket(), 1, TicketPatch(status="solved"), ANA, 2)
    assert apply_patch(after, 1, TicketPatch(status="solved"), ANA, 3) == (after, ())
    assert refusal(after, 1, TicketPatch(status="solved"), BEN) == Code.CONFLICT
    assert refusal(after, 1, TicketPatch(status="pending")) == Code.CONFLICT
    later, _ = apply_patch(after, 2, TicketPatch(priority="high"), ANA, 4)
    assert refusal(later, 1, TicketPatch(status="solved")) == Code.CONFLICT


patches = st.builds(
    TicketPatch,
    subject=st.none() | st.sampled_from(["Lamp", "Chair"]),
    status=st.none() | st.sampled_from(list(TICKET_STATUSES)),
    priority=st.none() | st.sampled_from(list(TICKET_PRIORITIES)),
    assignee=st.none() | st.sampled_from([ANA, BEN, Person("", "")]),
)


@given(st.lists(st.tuples(patches, st.sampled_from([ANA, BEN])), max_size=20))
def test_the_history_replayed_from_the_first_state_gives_the_current_one(
    steps: list[tuple[TicketPatch, Person]],
) -> None:
    ticket = a_ticket()
    for now_ms, (patch, by) in enumerate(steps, start=2):
        before = ticket
        if before.status == "closed" and patch.status not in (None, "open", "closed"):
            assert refusal(before, before.version, patch, by) == Code.INVALID
            continue
        ticket, changes = apply_patch(before, before.version, patch, by, now_ms)
        assert ticket.version == before.version + bool(changes)
        assert ticket.history == (*before.history, *changes)
    replayed = {"subject": "Lamp", "status": "open", "priority": "normal", "assignee": ""}
    for change in ticket.history:
        assert replayed[change.field] == change.before != change.after
        replayed[change.field] = change.after
    assert replayed == {
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "assignee": ticket.assignee.id if ticket.assignee else "",
    }


def test_a_full_history_keeps_the_newest_changes() -> None:
    ticket = a_ticket()
    for n in range(MAX_HISTORY + 10):
        ticket, _ = apply_patch(ticket, ticket.version, TicketPatch(subject=f"No {n}"), ANA, n)
    assert len(ticket.history) == MAX_HISTORY
    assert ticket.history[-1].after == ticket.subject


def test_the_default_subject_of_a_long_name_is_cut_to_the_limit() -> None:
    assert default_subject("Vera") == "Chat with Vera"
    assert len(default_subject("x" * 500)) == SUBJECT_LIMIT
