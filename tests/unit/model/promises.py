"""What must be true of the model's world in every state (`broken`), and what it must come to once nothing goes wrong any more (`settled`)."""

from tests.unit.model.world import CLOSE, OPENED, Log, Scope, World, head_of


def broken(scope: Scope, world: World) -> str:
    """The promise that does not hold, or nothing."""
    return _broken_log(scope, world) or _broken_answer(world) or _broken_reader(world)


def _broken_log(scope: Scope, world: World) -> str:
    seqs = [seq for seq, _ in world.majority]
    messages = [message for _, message in world.majority]
    if seqs != list(range(OPENED + 1, OPENED + 1 + len(seqs))):
        return "the log has a hole, or two entries in one place"
    if len(set(messages)) != len(messages):
        return "a message is there twice"
    if not {message for message, _ in world.out}.issuperset(messages):
        return "the log holds what nobody sent"
    if CLOSE in messages[:-1]:
        return "something follows the end of the conversation"
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
    # Else a lost hint would not be found by comparing the cursor with the true head.
    return "the gateway's cursor is past what its reader has" if world.gateway.seq > head_of(entries) else ""


def settled(scope: Scope, world: World) -> bool:
    """Every message has its answer, and the reader has the whole log."""
    answered = len(world.acked) + len(world.refused) == sum(map(len, scope.writers))
    return answered and (not scope.reader or head_of(world.reader.entries) == head_of(world.majority))
