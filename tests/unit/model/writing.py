"""How messages get into the log: clients that retry, chat processes with cached tails, the database.

A process handles one message of the conversation at a time, as its batches do. Between these steps the process may be killed, the
database may fail over, and any other actor may take a step:

    try     decides on its cached tail and inserts (an unknown tail is read first)
    read    the seq was taken: reads the later entries with majority concern and decides again
    look    the client id exists, or the command would be refused: looks up the first entry
    wait    the insert is pending until a majority has it
    answer  sends the acknowledgement
"""

from collections.abc import Iterator

from kit.codes import Refused
from services.chat.domain.log import Entry
from tests.unit.model.exploring import Step
from tests.unit.model.world import CLOSE, Log, Process, Scope, Work, World, decision_at, head_of

Steps = Iterator[Step[World]]


def steps(scope: Scope, world: World) -> Steps:
    for writer in scope.writers:
        yield from _send(scope, world, writer)
    for index, process in enumerate(world.processes):
        if process.work:
            yield from _WORK[process.work.step](scope, world, index, process, process.work)
        if world.faults and (process.work or process.hints or process.tail):
            started_again = Process(boot=process.boot + 1, tail=None)
            yield Step(f"{index} is killed", _with(world._replace(faults=world.faults - 1), index, started_again), True)
    yield from _database(scope, world)


def _with(world: World, index: int, process: Process) -> World:
    return world._replace(processes=(*world.processes[:index], process, *world.processes[index + 1 :]))


# --- clients


def _send(scope: Scope, world: World, writer: tuple[str, ...]) -> Steps:
    """A message is sent when all earlier ones are answered, and again, to any process, until it is answered."""
    answered = {message for _, message in world.acked} | set(world.refused)
    out = dict(world.out)
    working = [process.work.message for process in world.processes if process.work]
    for message in writer:
        if message not in answered:
            # A client that times out while its message is handled sends it twice.
            impatient = message in working
            if world.faults or not impatient:
                yield from _taken(world, message, impatient=impatient)
            if not (scope.switches.two_in_flight and message in out):
                return


def _taken(world: World, message: str, *, impatient: bool) -> Steps:
    out = dict(world.out)
    floor = max((seq for seq, _ in world.acked), default=0)
    if message not in out:
        world = world._replace(out=tuple(sorted({**out, message: floor}.items())))
    if impatient:
        world = world._replace(faults=world.faults - 1)
    for index, process in enumerate(world.processes):
        if process.work is None:
            working = process._replace(work=Work(message, "try"))
            yield Step(f"{message} reaches {index}", _with(world, index, working), impatient)


# --- a process of chat


def _majority_or(scope: Scope, world: World) -> Log:
    return world.majority + world.pending if scope.switches.reads_tail_locally else world.majority


def _read_on(scope: Scope, world: World, tail: Log | None) -> Log:
    """Reads only the entries after the cached tail."""
    known = tail or ()
    return known + tuple(placed for placed in _majority_or(scope, world) if placed[0] > head_of(known))


def _try(scope: Scope, world: World, index: int, process: Process, work: Work) -> Steps:
    if process.tail is None:
        known = process._replace(tail=_read_on(scope, world, None))
        yield Step(f"{index} reads the tail", _with(world, index, known), False)
        return
    if scope.switches.counts_with_inc:
        yield from _count(world, index, process, work)
        return
    decision = decision_at(process.tail, work.message)
    if isinstance(decision, Entry):
        yield _insert(scope, world, index, process, work, decision.seq)
    elif isinstance(decision, Refused) and scope.switches.refuses_unlooked:
        yield _refuse(world, index, process, work)
    else:  # only the current state may decide that there is nothing to write
        yield from _read(scope, world, index, process, work)


def _insert(scope: Scope, world: World, index: int, process: Process, work: Work, seq: int) -> Step[World]:
    log = world.majority + world.pending
    if any(seq == taken for taken, _ in log):
        return _next(world, index, process, work._replace(step="read"), "finds its seq taken")
    if not scope.switches.no_client_id_index and work.message != CLOSE and any(work.message == m for _, m in log):
        return _next(world, index, process, work._replace(step="look"), "finds its client id taken")
    after = world._replace(pending=(*world.pending, (seq, work.message)))
    return _next(after, index, process, work._replace(step="wait", seq=seq), f"inserts {work.message} at {seq}")


def _read(scope: Scope, world: World, index: int, process: Process, work: Work) -> Steps:
    process = process._replace(tail=_read_on(scope, world, process.tail))
    assert process.tail is not None
    decision = decision_at(process.tail, work.message)
    if isinstance(decision, Entry):
        yield _next(world, index, process, work._replace(step="try"), "reads on and tries again")
    elif isinstance(decision, Refused):
        yield _next(world, index, process, work._replace(step="look"), "reads that it may not")
    else:  # already closed
        seq = next(seq for seq, message in process.tail if message == work.message)
        yield _next(world, index, process, work._replace(step="answer", seq=seq), "reads that it is so")


def _look(scope: Scope, world: World, index: int, process: Process, work: Work) -> Steps:
    found = next((placed for placed in world.majority if placed[1] == work.message), None)
    process = process._replace(tail=_read_on(scope, world, process.tail))
    assert process.tail is not None
    if found:
        # Its writer may have died before it published the hint, so the hint is published again.
        repeated = process._replace(hints=(*process.hints, found))
        yield _next(world, index, repeated, work._replace(step="answer", seq=found[0]), "finds the first one")
    elif isinstance(decision_at(process.tail, work.message), Refused):
        yield _refuse(world, index, process, work)
    else:
        yield _next(world, index, process, work._replace(step="try"), "finds none that a majority has")


def _wait(scope: Scope, world: World, index: int, process: Process, work: Work) -> Steps:
    placed = (work.seq, work.message)
    here = world.majority + world.pending if scope.switches.acknowledges_at_once else world.majority
    if placed in here:
        tail = process.tail or ()
        committed = process._replace(tail=(*tail, placed), hints=(*process.hints, placed))
        yield _next(world, index, committed, work._replace(step="answer"), "knows that it is on a majority")
    # An error of the database and a time-out are the same to the process.
    lost = placed not in world.majority + world.pending
    if lost or world.faults:
        after = world if lost else world._replace(faults=world.faults - 1)
        # The tail is unknown, and so is whether readers miss an entry: the process skips a number.
        unknown = process._replace(tail=None, work=None, number=process.number + 1)
        yield Step(f"{index} gets no outcome", _with(after, index, unknown), not lost)


def _answer(scope: Scope, world: World, index: int, process: Process, work: Work) -> Steps:
    del scope
    acked = tuple(sorted({*world.acked, (work.seq, work.message)}))
    after = _with(world._replace(acked=acked), index, process._replace(work=None))
    yield Step(f"{index} acknowledges {work.message}", after, False)


def _refuse(world: World, index: int, process: Process, work: Work) -> Step[World]:
    refused = tuple(sorted({*world.refused, work.message}))
    return Step(
        f"{index} refuses {work.message}",
        _with(world._replace(refused=refused), index, process._replace(work=None)),
        False,
    )


def _count(world: World, index: int, process: Process, work: Work) -> Steps:
    """The design error `counts_with_inc`: first the number, then the entry."""
    if not work.seq:
        counted = world._replace(counter=world.counter + 1)
        yield _next(counted, index, process, work._replace(seq=counted.counter), "counts")
    elif any(work.message == message for _, message in world.majority + world.pending):
        yield _next(world, index, process, work._replace(step="look"), "finds its client id taken")
    else:
        after = world._replace(pending=tuple(sorted((*world.pending, (work.seq, work.message)))))
        yield _next(after, index, process, work._replace(step="wait"), "inserts where it counted")


def _next(world: World, index: int, process: Process, work: Work, what: str) -> Step[World]:
    return Step(f"{index} {what}", _with(world, index, process._replace(work=work)), False)


_WORK = {"try": _try, "read": _read, "look": _look, "wait": _wait, "answer": _answer}


# --- the database


def _database(scope: Scope, world: World) -> Steps:
    del scope
    if world.pending:
        first, *rest = world.pending
        moved = world._replace(majority=(*world.majority, first), pending=tuple(rest))
        yield Step(f"a majority has {first}", moved, False)
        if world.faults:
            rolled_back = world._replace(pending=(), faults=world.faults - 1)
            yield Step("the primary fails, what only it had is gone", rolled_back, True)
