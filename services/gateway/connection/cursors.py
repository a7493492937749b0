"""Cursors of one connection: which entries the client was sent, and when it needs a `stale` because a log has grown. Pure.

A cursor is the end of the gapless prefix that was sent. It never exceeds what the client can have, so comparing it with the
true head finds every entry that a lost hint left out.
"""

from enum import Enum

# Conversations of one connection: far more than an agent handles. The oldest is dropped; the client's pings still cover it.
MAX_POSITIONS = 2000
# Entries sent past a gap; as many as a client keeps.
MAX_AHEAD = 200


class Delivery(Enum):
    """The result of marking an entry as sent."""

    DUPLICATE = 0
    NEW = 1
    # The first entry of a new epoch: the client's copy of this log is void.
    NEW_EPOCH = 2


class Position:
    """In one conversation: `seq` ends the prefix that was sent, `known_head` is the highest head that the client has learned of."""

    __slots__ = ("ahead", "epoch", "known_head", "seq")

    def __init__(self, epoch: int, seq: int, known_head: int) -> None:
        self.epoch = epoch
        self.seq = seq
        self.known_head = known_head
        self.ahead: set[int] | None = None


class Cursors:
    """The positions of one connection."""

    __slots__ = ("positions",)

    def __init__(self) -> None:
        self.positions: dict[str, Position] = {}

    def begin(self, conversation_id: str, epoch: int, seq: int, known_head: int) -> None:
        """Starts a cursor: the client has the log up to `seq` and knows that it ends at `known_head`."""
        self.positions[conversation_id] = Position(epoch, seq, known_head)
        if len(self.positions) > MAX_POSITIONS:
            del self.positions[next(iter(self.positions))]

    @property
    def is_full(self) -> bool:
        return len(self.positions) >= MAX_POSITIONS

    def mark_delivered(self, conversation_id: str, epoch: int, seq: int) -> Delivery:
        """Records an entry that is about to be sent."""
        result = Delivery.NEW
        position = self.positions.get(conversation_id)
        if position is None or epoch > position.epoch:
            result = Delivery.NEW if position is None else Delivery.NEW_EPOCH
            self.begin(conversation_id, epoch, 0, seq)
            position = self.positions[conversation_id]
        if epoch < position.epoch or seq <= position.seq or (position.ahead is not None and seq in position.ahead):
            return Delivery.DUPLICATE
        position.known_head = max(position.known_head, seq)
        if seq == position.seq + 1:
            _advance(position, seq)
        elif position.ahead is None:
            position.ahead = {seq}
        elif len(position.ahead) < MAX_AHEAD:
            position.ahead.add(seq)
        return result

    def extend(self, conversation_id: str, epoch: int, first: int, last: int) -> bool:
        """Records a run of entries that follows the cursor, the usual case. False: mark each entry by itself."""
        position = self.positions.get(conversation_id)
        if position is None or epoch != position.epoch or first != position.seq + 1 or position.ahead is not None:
            return False
        position.seq = last
        position.known_head = max(position.known_head, last)
        return True

    def mark_page_delivered(self, conversation_id: str, epoch: int, after: int, last: int) -> None:
        """Records a page of the log: entries `after + 1` … `last`. A page that does not join the prefix changes nothing."""
        position = self.positions.get(conversation_id)
        if position is not None and position.epoch == epoch and after <= position.seq < last:
            _advance(position, last)

    def needs_stale(self, conversation_id: str, epoch: int, head: int) -> bool:
        """True when the client is behind this head and has not learned of it; records that it will."""
        position = self.positions.get(conversation_id)
        if position is None or epoch < position.epoch:
            return False
        if epoch == position.epoch and head <= max(position.known_head, position.seq):
            return False
        position.known_head = head
        return True

    def is_new_epoch(self, conversation_id: str, epoch: int) -> bool:
        """True when the log was restored under a higher epoch: the client's copy is void."""
        position = self.positions.get(conversation_id)
        return position is not None and epoch > position.epoch


def _advance(position: Position, seq: int) -> None:
    """`seq` joins the prefix, and with it the entries ahead that now follow."""
    position.seq = seq
    if position.ahead is None:
        return
    while position.seq + 1 in position.ahead:
        position.seq += 1
    position.ahead = {later for later in position.ahead if later > position.seq} or None
