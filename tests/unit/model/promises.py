"""Invariants of every state of the model (`broken`), and the goal that is reached without further faults (`completed`)."""

from tests.unit.model.world import CLOSE, OPENED, Log, Scope, World, head_of


def broken(scope: Scope, world: World) -> str:
    """The violated invariant, or an empty text."""
    return _broken_log(scope, world) or _broken_answer(world) or _broken_reader(world)


def _broken_log(scope: Scope, world: World) -> str:
    seqs = [seq for seq, _ in world.majority]
    messages = [message for _, message in world.majority]
    if seqs != list(range(OPENED + 1, OPENED + 1 + len(seqs))):
        return "the log has a hole, or two entries in one place"
    if len(set(messages)) != len(messages):
        return "a message is there twice"
    if not {message for message, _ in world.out}.issuperset(messages):
        return "the log holds a message that was not sent"
    if CLOSE in messages[:-1]:
        return "an entry follows the end of the conversation"
    if any(_order(world.majority, writer) != sorted(_order(world.majority, writer)) for writer in scope.writers):
        return "a writer's messages changed their order"
    return ""


def _order(log: Log, writer: tuple[str, ...]) -> list[int]:
    return [writer.index(message) for _, message in log if message in writer]


def _broken_answer(world: World) -> str:
    log = world.majority + world.pending
    if any(acked not in log for acked in world.acked):
        return "an acknowledged message is lost"
    floors = dict(world.out)
    if any(seq <= floors[message] for seq, message in world.acked):
        return "a message written after an acknowledgement stands before it"
    if any(message in world.refused for _, message in log):
        return "a message that was refused for good is there"
    return ""


def _broken_reader(world: World) -> str:
    entries = world.reader.entries
    if world.majority[: len(entries)] != entries:
        return "a reader's copy is not the beginning of the log"
    # Otherwise a comparison of the cursor with the true head would not find a lost hint.
    return "the gateway's cursor is past what its reader has" if world.gateway.seq > head_of(entries) else ""


def completed(scope: Scope, world: World) -> bool:
    """Every message has an answer, and the reader has the whole log."""
    answered = len(world.acked) + len(world.refused) == sum(map(len, scope.writers))
    return answered and (not scope.reader or head_of(world.reader.entries) == head_of(world.majority))
