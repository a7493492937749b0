"""The append path, looked at exhaustively: every order of events in a small world, with faults at every step.

The world (`world.py`) is one conversation, clients that send each message until it is answered, one or two processes of chat with cached
tails, a database whose primary may fail and take back what no majority had, hints on a bus that loses, doubles and reorders them, a
gateway, and a client that only reads. What happens is in `writing.py` and `reading.py`; each decision in it is the product's own function,
so a change of one of those is tried here, too.

In every state the promises of `promises.py` hold (I-1, I-2): what was acknowledged is there, once, in its place; the log is dense and in
one order; a copy is the beginning of the log; nothing is there that nobody sent or that was refused. And from every state, when nothing
more goes wrong, all messages get an answer and the reader gets the whole log.

Each mutant is the same world with one thing built as it must not be, and shows what for that thing is there.
"""

import pytest

from tests.unit.model import promises, reading, writing
from tests.unit.model.exploring import Explored, Explorer, Step
from tests.unit.model.world import CLOSE, Gateway, Process, Scope, Switches, World

# Scopes small enough for a second or so, large enough that each mutant shows in one of them.
TWO_WRITERS = Scope((("a1", "a2"), ("b1",)), faults=2)
WRITER_AND_END = Scope((("a1",), (CLOSE,)), faults=2)
ONE_PROCESS_READ = Scope((("a1", "a2"),), processes=1, reader=True, faults=1)
TWO_PROCESSES_READ = Scope((("a1",),), reader=True, faults=1)


def explored(scope: Scope) -> Explored:
    def steps(world: World) -> list[Step[World]]:
        found = list(writing.steps(scope, world))
        if scope.reader:
            return found + list(reading.steps(scope, world))
        return [step._replace(after=_nobody_reads(step.after)) for step in found]

    processes = (Process(),) * scope.processes
    known = tuple(((index, 0), 0) for index in range(scope.processes))
    first = World(processes, scope.faults, gateway=Gateway(known=known))
    explorer = Explorer(
        steps, lambda world: promises.broken(scope, world), lambda world: promises.settled(scope, world)
    )
    return explorer.explore(first)


def _nobody_reads(world: World) -> World:
    """Without a reader, hints are nothing and one process is as good as the other: many states become one."""
    processes = [process._replace(boot=0, hints=(), number=0) for process in world.processes]
    return world._replace(processes=tuple(sorted(processes, key=repr)))


@pytest.mark.parametrize("scope", [TWO_WRITERS, WRITER_AND_END, ONE_PROCESS_READ, TWO_PROCESSES_READ])
def test_it_holds_in_every_state(scope: Scope) -> None:
    found = explored(scope)
    assert not found.why, f"{found.why}:\n" + "\n".join(found.way)
    # Fewer, and something that should be possible is not any more.
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
        (Switches(ignores_gaps=True), ONE_PROCESS_READ, "from here it never settles, though no more goes wrong"),
    ],
    ids=lambda value: (
        next((name for name, on in value._asdict().items() if on), None) if isinstance(value, Switches) else ""
    ),
)
def test_a_mutant_breaks_its_promise(switches: Switches, scope: Scope, why: str) -> None:
    found = explored(scope._replace(switches=switches))
    assert found.why == why, "\n".join(found.way)
    assert len(found.way) > 2, "it is shown by a way there, not by the first state"
