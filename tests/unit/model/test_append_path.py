"""Exhaustive model check of the append path: every order of events in a small model, with faults at every step.

The model (`world.py`) has one conversation, clients that retry until they get an answer, and one or two chat processes with cached
tails. A fail-over of its database rolls back entries without a majority. Its bus loses, duplicates and reorders hints. A gateway and a
client that only reads complete it. The steps are in `writing.py` and `reading.py`. Their decisions are made by product code, so a change of it is checked here.

The invariants of `promises.py` hold in every state (requirements I-1 and I-2: acknowledged messages are there, once, in their place). The
log is dense, a copy is its beginning, and no message is there that was refused or never sent. From every state, without further faults,
all messages get an answer and the reader gets the whole log.

Each mutant is the same model with one design error, and must violate an invariant.
"""

import pytest

from tests.unit.model import promises, reading, writing
from tests.unit.model.exploring import Explored, Explorer, Step
from tests.unit.model.world import CLOSE, Gateway, Process, Scope, Switches, World

# Each takes about a second, and each mutant fails in one of them.
TWO_WRITERS = Scope((("a1", "a2"), ("b1",)), faults=2)
WRITER_AND_END = Scope((("a1",), (CLOSE,)), faults=2)
ONE_PROCESS_READ = Scope((("a1", "a2"),), processes=1, reader=True, faults=1)
TWO_PROCESSES_READ = Scope((("a1",),), reader=True, faults=1)


def explored(scope: Scope) -> Explored:
    def steps(world: World) -> list[Step[World]]:
        found = list(writing.steps(scope, world))
        if scope.reader:
            return found + list(reading.steps(scope, world))
        return [step._replace(after=_without_reader(step.after)) for step in found]

    processes = (Process(),) * scope.processes
    known = tuple(((index, 0), 0) for index in range(scope.processes))
    first = World(processes, scope.faults, gateway=Gateway(known=known))
    explorer = Explorer(
        steps, lambda world: promises.broken(scope, world), lambda world: promises.completed(scope, world)
    )
    return explorer.explore(first)


def _without_reader(world: World) -> World:
    """Without a reader, hints do not matter and processes are interchangeable: merges equal states."""
    processes = [process._replace(boot=0, hints=(), number=0) for process in world.processes]
    return world._replace(processes=tuple(sorted(processes, key=repr)))


@pytest.mark.parametrize("scope", [TWO_WRITERS, WRITER_AND_END, ONE_PROCESS_READ, TWO_PROCESSES_READ])
def test_invariants_hold_in_every_state(scope: Scope) -> None:
    found = explored(scope)
    assert not found.why, f"{found.why}:\n" + "\n".join(found.way)
    # With fewer, steps that should be possible are missing.
    assert found.states > 500


@pytest.mark.parametrize(
    ("switches", "scope", "why"),
    [
        (Switches(acknowledges_at_once=True), TWO_WRITERS, "an acknowledged message is lost"),
        (Switches(no_client_id_index=True), TWO_WRITERS, "a message is there twice"),
        (Switches(reads_tail_locally=True), TWO_WRITERS, "the log has a hole, or two entries in one place"),
        (Switches(counts_with_inc=True), TWO_WRITERS, "the log has a hole, or two entries in one place"),
        (Switches(two_in_flight=True), TWO_WRITERS, "a writer's messages changed their order"),
        (Switches(refuses_unlooked=True), WRITER_AND_END, "a message that was refused for good is there"),
        (
            Switches(applies_hints_as_they_come=True),
            ONE_PROCESS_READ,
            "a reader's copy is not the beginning of the log",
        ),
        (Switches(ignores_gaps=True), ONE_PROCESS_READ, "from here it never completes, even without further faults"),
    ],
    ids=lambda value: (
        next((name for name, on in value._asdict().items() if on), None) if isinstance(value, Switches) else ""
    ),
)
def test_each_design_error_violates_its_invariant(switches: Switches, scope: Scope, why: str) -> None:
    found = explored(scope._replace(switches=switches))
    assert found.why == why, "\n".join(found.way)
    assert len(found.way) > 2, "the first state is right, so the path has several steps"
