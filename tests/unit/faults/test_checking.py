"""The checker reports every fault that is put into a good ledger, by its name, and nothing in the good one."""

from collections.abc import Callable

import pytest

from tests.faults.checking import CHECKS, check, longest_delay
from tests.faults.ledger import Acked, Applied, Invoked, Joined, Ledger, Line, MarkSeen, Reader
from tests.unit.faults.ledger_faults import AGENT, FAULTS, World, good_world


def test_a_good_ledger_has_no_finding() -> None:
    """Else a clean run would say nothing."""
    world = good_world()
    assert check(world.ledger, world.stored()) == []


@pytest.mark.parametrize(
    ("spoil", "expected"), FAULTS, ids=lambda value: value if isinstance(value, str) else value.__name__
)
def test_a_fault_is_reported(spoil: Callable[[World], None], expected: str) -> None:
    """Drop one, swap two, double one, alter one byte, and the like: each by the check that is there for it."""
    world = good_world()
    spoil(world)
    assert expected in world.found()


def test_a_mark_that_was_asked_for_earlier_may_be_lower() -> None:
    """A higher mark that another reader saw does not count while the request was open."""
    world = good_world()
    world.ledger.note(MarkSeen("talk-a", "ann", 3, asked_at=1))
    assert world.found() == set()


def test_every_check_has_found_something() -> None:
    """A check that no fault reaches could be empty."""
    assert {one.__name__ for one in CHECKS} == {expected for _, expected in FAULTS}


def test_only_steady_readers_count_for_the_delay() -> None:
    """A reader that was offline on purpose gets entries late; that is no finding."""
    time = iter((0.0, 1.0, 3.5, 90.0))
    ledger = Ledger(lambda: next(time))
    ledger.meet(Reader("there", "ann", is_agent=False, steady=True))
    ledger.meet(Reader("away", "ann", is_agent=False))
    line = Line("talk-a", 1, 1, "message", "ann", "id", "Text")
    ledger.note(Invoked("ann", "id", "Text"))
    ledger.note(Acked("id", "talk-a", 1, 1, duplicate=False))
    ledger.note(Applied("there", line))
    ledger.note(Applied("away", line))
    assert longest_delay(ledger) == (2.5, "there", line)


def test_an_agents_delay_begins_when_the_conversation_is_theirs() -> None:
    """Entries written while the conversation waited reach the agent that accepts it later."""
    time = iter((0.0, 1.0, 60.0, 61.0))
    ledger = Ledger(lambda: next(time))
    ledger.meet(Reader("desk", AGENT, is_agent=True, steady=True))
    line = Line("talk-a", 1, 1, "message", "ann", "id", "Text")
    ledger.note(Invoked("ann", "id", "Text"))
    ledger.note(Acked("id", "talk-a", 1, 1, duplicate=False))
    ledger.note(Joined(AGENT, "talk-a"))
    ledger.note(Applied("desk", line))
    assert longest_delay(ledger).seconds == 1.0
