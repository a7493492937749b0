"""The read path of the model: hints that are lost, duplicated and reordered, a gateway, and a client that fetches.

The gateway detects gaps in the numbers of hints and then asks for the head of the log.

The client's pings with cursors, the last safety net, are left out on purpose: the rest must suffice without them.
"""

from collections.abc import Iterator

from tests.unit.model.exploring import Step
from tests.unit.model.world import (
    Gateway,
    Placed,
    Publisher,
    Reader,
    Scope,
    World,
    applied,
    handed,
    head_due,
    head_of,
    heard,
    paged,
)

Steps = Iterator[Step[World]]
Hint = tuple[Publisher, int, Placed]


def steps(scope: Scope, world: World) -> Steps:
    yield from _publish(world)
    for hint in world.hints:
        yield from _hint(scope, world, hint)
    yield from _beat(scope, world)
    yield from _ask(world)
    yield from _fetch(world)
    if world.faults:
        yield from _cut(world._replace(faults=world.faults - 1))


def _publish(world: World) -> Steps:
    """Each hint is a batch with its own number."""
    for index, process in enumerate(world.processes):
        if process.hints:
            first, *rest = process.hints
            number = process.number + 1
            published = process._replace(number=number, hints=tuple(rest))
            hint = ((index, process.boot), number, first)
            processes = (*world.processes[:index], published, *world.processes[index + 1 :])
            yield Step(
                f"{index} publishes {first}",
                world._replace(processes=processes, hints=tuple(sorted((*world.hints, hint)))),
                False,
            )


def _hint(scope: Scope, world: World, hint: Hint) -> Steps:
    """Hints of one publisher arrive in order, unless one overtakes (a fault)."""
    publisher, number, placed = hint
    rest = tuple(other for other in world.hints if other is not hint)
    overtakes = any(other[0] == publisher and other[1] < number for other in rest)
    faults = world.faults - overtakes
    if faults < 0:
        return
    better = world._replace(faults=faults)
    yield Step(f"the hint of {placed} comes", _taken(scope, better._replace(hints=rest), hint), overtakes)
    if faults:
        worse = better._replace(faults=faults - 1)
        yield Step(f"the hint of {placed} is lost", worse._replace(hints=rest), True)
        yield Step(f"the hint of {placed} comes and will come again", _taken(scope, worse, hint), True)


def _taken(scope: Scope, world: World, hint: Hint) -> World:
    publisher, number, placed = hint
    missed, known = heard(world.gateway.known, publisher, number)
    gateway = world.gateway._replace(known=known, behind=world.gateway.behind or missed)
    if scope.switches.ignores_gaps:
        gateway = gateway._replace(behind=world.gateway.behind)
    if scope.switches.applies_hints_as_they_come:
        entries = (*world.reader.entries, placed)
        return world._replace(gateway=gateway, reader=world.reader._replace(entries=entries))
    is_new, after = handed(Gateway(seq=gateway.seq, known_head=gateway.known_head, ahead=gateway.ahead), placed[0])
    gateway = gateway._replace(seq=after.seq, known_head=after.known_head, ahead=after.ahead)
    reader = applied(world.reader, placed) if is_new else world.reader
    return world._replace(gateway=gateway, reader=reader)


def _beat(scope: Scope, world: World) -> Steps:
    """The heartbeat; it changes something when the gateway has not received the last number."""
    known = dict(world.gateway.known)
    for index, process in enumerate(world.processes):
        publisher = (index, process.boot)
        on_its_way = any(hint[0] == publisher for hint in world.hints)
        if not process.hints and not on_its_way and known.get(publisher, -1) < process.number:
            number = process.number + 1
            beaten = process._replace(number=number)
            processes = (*world.processes[:index], beaten, *world.processes[index + 1 :])
            missed, now_known = heard(world.gateway.known, publisher, number)
            behind = world.gateway.behind or (missed and not scope.switches.ignores_gaps)
            gateway = world.gateway._replace(known=now_known, behind=behind)
            yield Step(f"{index} beats", world._replace(processes=processes, gateway=gateway), False)


def _ask(world: World) -> Steps:
    """The gateway asks for the head; hints continue to arrive meanwhile."""
    gateway = world.gateway
    if gateway.behind and not gateway.asked:
        asked = gateway._replace(behind=False, asked=head_of(world.majority))
        yield Step("the gateway asks for the head", world._replace(gateway=asked), False)
    if gateway.asked:
        must, after = head_due(
            Gateway(seq=gateway.seq, known_head=gateway.known_head, ahead=gateway.ahead), gateway.asked
        )
        answered = gateway._replace(asked=0, known_head=after.known_head)
        head = max(world.reader.head, gateway.asked) if must else world.reader.head
        reader = world.reader._replace(head=head)
        yield Step("the gateway has its answer", world._replace(gateway=answered, reader=reader), False)


def _fetch(world: World) -> Steps:
    """A reader that knows of a higher head fetches a page; entries that are pushed meanwhile arrive before the response."""
    reader = world.reader
    last = head_of(reader.entries)
    if reader.page is None and reader.head > last:
        page = (last, tuple(placed for placed in world.majority if placed[0] > last))
        yield Step("a page is read", world._replace(reader=reader._replace(page=page)), False)
    if reader.page is not None:
        after, entries = reader.page
        taken: Reader = reader._replace(page=None)
        for placed in entries:
            taken = applied(taken, placed)
        gateway = world.gateway
        now = paged(
            Gateway(seq=gateway.seq, known_head=gateway.known_head, ahead=gateway.ahead),
            after,
            head_of(entries) if entries else after,
        )
        gateway = gateway._replace(seq=now.seq, known_head=now.known_head, ahead=now.ahead)
        yield Step("the page comes", world._replace(reader=taken, gateway=gateway), False)


def _cut(world: World) -> Steps:
    """The reader's socket breaks, or the gateway dies with its state; the reader reconnects with its cursor and gets the head."""
    last = head_of(world.reader.entries)
    head = head_of(world.majority)
    reader = world.reader._replace(page=None, head=max(last, head))
    gateway = world.gateway._replace(seq=last, known_head=max(last, head), ahead=frozenset())
    yield Step("the reader's socket breaks", world._replace(reader=reader, gateway=gateway), True)
    restarted = Gateway(seq=last, known_head=max(last, head), behind=True)
    yield Step("the gateway is killed", world._replace(reader=reader, gateway=restarted, hints=()), True)
