from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import Code, Refused
from kit.vocabulary import TICKET_PRIORITIES, TICKET_STATUSES
from services.tickets.domain import ticket as domain
from services.tickets.domain.ticket import (
    HISTORY_KEPT,
    SUBJECT_LIMIT,
    Line,
    Person,
    Ticket,
    TicketPatch,
    Transcript,
    changed,
    extended,
    opened,
    subject_for,
)

ANA, BEN = Person("agent", "ana", "Ana"), Person("agent", "ben", "Ben")


def a_ticket(**fields: Any) -> Ticket:
    ticket = opened(
        site="acme",
        ticket="t",
        number=1,
        subject="Lamp",
        priority="normal",
        by=ANA,
        now_ms=1,
        transcript=Transcript(),
    )
    return msgspec.structs.replace(ticket, **fields)


def refusal(ticket: Ticket, version: int, wish: TicketPatch, by: Person = ANA) -> Code:
    with pytest.raises(Refused) as refused:
        changed(ticket, version, wish, by, 2)
    return refused.value.code


def test_a_change_raises_the_version_and_is_written_down() -> None:
    after, changes = changed(a_ticket(), 1, TicketPatch(status="pending", assignee=BEN), ANA, 5)
    assert (after.version, after.status, after.assignee, after.updated_at_ms) == (2, "pending", BEN, 5)
    assert [(change.field, change.before, change.after) for change in changes] == [
        ("status", "open", "pending"),
        ("assignee", "", "ben"),
    ]
    assert after.history == changes


def test_what_is_so_already_changes_nothing() -> None:
    ticket = a_ticket(assignee=BEN)
    wish = TicketPatch(subject="Lamp", status="open", priority="normal", assignee=BEN)
    assert changed(ticket, 1, wish, ANA, 5) == (ticket, ())
    assert changed(ticket, 1, TicketPatch(), ANA, 5) == (ticket, ())


def test_an_assignee_without_an_id_is_nobody() -> None:
    after, changes = changed(a_ticket(assignee=BEN), 1, TicketPatch(assignee=Person("", "")), ANA, 5)
    assert after.assignee is None
    assert [(change.before, change.after) for change in changes] == [("ben", "")]


def test_a_closed_ticket_can_only_be_opened_again() -> None:
    closed = a_ticket(status="closed")
    assert refusal(closed, 1, TicketPatch(status="pending")) == Code.INVALID
    assert refusal(closed, 1, TicketPatch(status="solved")) == Code.INVALID
    assert changed(closed, 1, TicketPatch(status="open"), ANA, 2)[0].status == "open"
    assert changed(closed, 1, TicketPatch(priority="high"), ANA, 2)[0].status == "closed"


@pytest.mark.parametrize("version", [-1, 0, 2, 99])
def test_an_old_or_invented_version_is_a_conflict(version: int) -> None:
    assert refusal(a_ticket(), version, TicketPatch(status="solved")) == Code.CONFLICT


def test_ones_own_change_may_be_asked_for_again() -> None:
    """After an unknown outcome; but not another's, and not after yet another change."""
    after, _ = changed(a_ticket(), 1, TicketPatch(status="solved"), ANA, 2)
    assert changed(after, 1, TicketPatch(status="solved"), ANA, 3) == (after, ())
    assert refusal(after, 1, TicketPatch(status="solved"), BEN) == Code.CONFLICT
    assert refusal(after, 1, TicketPatch(status="pending")) == Code.CONFLICT
    later, _ = changed(after, 2, TicketPatch(priority="high"), ANA, 4)
    assert refusal(later, 1, TicketPatch(status="solved")) == Code.CONFLICT


wishes = st.builds(
    TicketPatch,
    subject=st.none() | st.sampled_from(["Lamp", "Chair"]),
    status=st.none() | st.sampled_from(list(TICKET_STATUSES)),
    priority=st.none() | st.sampled_from(list(TICKET_PRIORITIES)),
    assignee=st.none() | st.sampled_from([ANA, BEN, Person("", "")]),
)


@given(st.lists(st.tuples(wishes, st.sampled_from([ANA, BEN])), max_size=20))
def test_the_history_tells_how_a_ticket_became_what_it_is(steps: list[tuple[TicketPatch, Person]]) -> None:
    ticket = a_ticket()
    for now_ms, (wish, by) in enumerate(steps, start=2):
        before = ticket
        if before.status == "closed" and wish.status in ("pending", "solved"):
            assert refusal(before, before.version, wish, by) == Code.INVALID
            continue
        ticket, changes = changed(before, before.version, wish, by, now_ms)
        assert ticket.version == before.version + bool(changes)
        assert ticket.history == (*before.history, *changes)
    told = {"subject": "Lamp", "status": "open", "priority": "normal", "assignee": ""}
    for change in ticket.history:
        assert told[change.field] == change.before != change.after
        told[change.field] = change.after
    assignee = ticket.assignee.id if ticket.assignee else ""
    assert told == {
        "subject": ticket.subject,
        "status": ticket.status,
        "priority": ticket.priority,
        "assignee": assignee,
    }


def test_a_history_keeps_the_newest() -> None:
    ticket = a_ticket()
    for n in range(HISTORY_KEPT + 10):
        ticket, _ = changed(ticket, ticket.version, TicketPatch(subject=f"No {n}"), ANA, n)
    assert len(ticket.history) == HISTORY_KEPT
    assert ticket.history[-1].after == ticket.subject


def test_a_long_name_does_not_make_a_subject_too_long() -> None:
    assert subject_for("Vera") == "Chat with Vera"
    assert len(subject_for("x" * 500)) == SUBJECT_LIMIT


def line(seq: int, text: str = "x") -> Line:
    return Line(seq, ANA, text, seq)


@given(st.data(), st.integers(0, 30))
def test_reading_on_in_any_steps_gives_each_line_once_in_order(data: st.DataObject, head: int) -> None:
    """A refresh may be repeated and may overlap what is there."""
    log = [line(seq) for seq in range(1, head + 1) if seq % 3]
    transcript = Transcript()
    for _ in range(data.draw(st.integers(0, 6))):
        after = data.draw(st.integers(0, transcript.to_seq))
        to_seq = data.draw(st.integers(after, head))
        read = [entry for entry in log if after < entry.seq <= to_seq]
        transcript = extended(transcript, read, after=after, to_seq=to_seq, whole=False)
        assert transcript.lines == tuple(entry for entry in log if entry.seq <= transcript.to_seq)
    whole = extended(transcript, log, after=0, to_seq=head, whole=True)
    assert whole == Transcript(tuple(log), 1, head, whole=True)


def test_a_transcript_has_no_hole() -> None:
    """Of a very long log only the end is read."""
    early = extended(Transcript(), [line(1), line(2)], after=0, to_seq=2, whole=False)
    late = extended(early, [line(11)], after=10, to_seq=11, whole=True)
    assert late == Transcript((line(11),), from_seq=11, to_seq=11, whole=True)


@pytest.mark.parametrize(("bound", "value"), [("TRANSCRIPT_LINES", 3), ("TRANSCRIPT_BYTES", 360)])
def test_past_its_bounds_a_transcript_keeps_the_newest_lines(
    monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(domain, bound, value)
    transcript = extended(Transcript(), [line(seq) for seq in range(2, 9)], after=0, to_seq=8, whole=True)
    assert transcript == Transcript((line(6), line(7), line(8)), from_seq=6, to_seq=8, whole=True)
