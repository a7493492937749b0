"""What one socket was handed of each log: which entries are new to it, and when it must be told that a log went on. Pure.

A cursor is the end of the prefix without holes that was handed over. It never says more than the client can have, so comparing
it with the true head finds everything that a lost hint left out.
"""

from enum import Enum

# Conversations of one socket at once: far more than anybody has in hand. The oldest is forgotten; the client's pings still cover it.
MAX_POSITIONS = 2000
# Entries handed over past a hole, as many as a client keeps.
MAX_AHEAD = 200


class Delivery(Enum):
    """What became of an entry on its way to a client."""

    DUPLICATE = 0
    NEW = 1
    # The first of a new epoch: what the client has of this log is void.
    NEW_EPOCH = 2


class Position:
    """Of one conversation: `seq` ends the prefix handed over, `told` is the highest head that the client heard of."""

    __slots__ = ("ahead", "epoch", "known_head", "seq")

    def __init__(self, epoch: int, seq: int, known_head: int) -> None:
        self.epoch = epoch
        self.seq = seq
        self.known_head = known_head
        self.ahead: set[int] | None = None


class Cursors:
    """The places of one socket."""

    __slots__ = ("positions",)

    def __init__(self) -> None:
        self.positions: dict[str, Position] = {}

    def begin(self, conversation: str, epoch: int, seq: int, told: int) -> None:
        """The client says, or was told, that it has the log up to `seq` and that it ends at `told`."""
        self.positions[conversation] = Position(epoch, seq, told)
        if len(self.positions) > MAX_POSITIONS:
            del self.positions[next(iter(self.positions))]

    @property
    def is_full(self) -> bool:
        return len(self.positions) >= MAX_POSITIONS

    def mark_delivered(self, conversation: str, epoch: int, seq: int) -> Delivery:
        """Takes note of an entry on its way to the client."""
        handing = Delivery.NEW
        place = self.positions.get(conversation)
        if place is None or epoch > place.epoch:
            handing = Delivery.NEW if place is None else Delivery.NEW_EPOCH
            self.begin(conversation, epoch, 0, seq)
            place = self.positions[conversation]
        if epoch < place.epoch or seq <= place.seq or (place.ahead is not None and seq in place.ahead):
            return Delivery.DUPLICATE
        place.known_head = max(place.known_head, seq)
        if seq == place.seq + 1:
            _advance(place, seq)
        elif place.ahead is None:
            place.ahead = {seq}
        elif len(place.ahead) < MAX_AHEAD:
            place.ahead.add(seq)
        return handing

    def extend(self, conversation: str, epoch: int, first: int, last: int) -> bool:
        """Takes note of a run of entries when it follows what the client has, the usual case; False: see to each by itself."""
        place = self.positions.get(conversation)
        if place is None or epoch != place.epoch or first != place.seq + 1 or place.ahead is not None:
            return False
        place.seq = last
        place.known_head = max(place.known_head, last)
        return True

    def mark_page_delivered(self, conversation: str, epoch: int, after: int, last: int) -> None:
        """A page of the log went to the client: entries `after + 1` … `last`."""
        place = self.positions.get(conversation)
        if place is not None and place.epoch == epoch and after <= place.seq < last:
            _advance(place, last)

    def needs_stale(self, conversation: str, epoch: int, head: int) -> bool:
        """Whether the client is behind a true head and does not know it; notes that it will be told."""
        place = self.positions.get(conversation)
        if place is None or epoch < place.epoch:
            return False
        if epoch == place.epoch and head <= max(place.known_head, place.seq):
            return False
        place.known_head = head
        return True

    def is_new_epoch(self, conversation: str, epoch: int) -> bool:
        """The log was begun anew: what the client has of it is void."""
        place = self.positions.get(conversation)
        return place is not None and epoch > place.epoch

    def drop(self, conversation: str) -> None:
        self.positions.pop(conversation, None)


def _advance(place: Position, seq: int) -> None:
    """`seq` joins the prefix, and with it what was waiting behind."""
    place.seq = seq
    if place.ahead is None:
        return
    while place.seq + 1 in place.ahead:
        place.seq += 1
    place.ahead = {early for early in place.ahead if early > place.seq} or None
