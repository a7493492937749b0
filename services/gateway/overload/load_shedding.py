"""What a gateway leaves undone while it has more work than it can do, so that running chats notice nothing. Pure.

In this order: places in the queue are not told, then what visitors do is not shown live, then new chats have to wait with their
visitors. One step up after two looks in a row that show too much, one step down after some that show little: so it neither jumps nor flutters.
"""

from enum import IntEnum

# How late a turn of the event loop may come. Every message waits for every turn, and people notice a tenth of a second; half a
# second is more than a full collection or a busy neighbour makes (gateway/serving.py).
LATE_MS = 500
CALM_MS = 100
# Messages that wait for chat: a batch takes 256, so these are four batches, and less than one.
MANY_WAITING = 1024
FEW_WAITING = 128
# Looks in a row, one a second, before something is left undone, and before it is taken up again.
BUSY_LOOKS = 2
CALM_LOOKS = 5


class Shed(IntEnum):
    """What is left undone; each includes those before it."""

    NOTHING = 0
    QUEUE_POSITIONS = 1
    VISITOR_ACTIVITY = 2
    NEW_CHATS = 3


class LoadShedding:
    """`shed` is what holds now."""

    def __init__(self) -> None:
        self.shed = Shed.NOTHING
        self._busy = 0
        self._calm = 0

    def looked(self, late_ms: int, waiting: int) -> Shed:
        """The event loop's turn came so late, and so many messages wait for chat. Call once a second."""
        self._busy = self._busy + 1 if late_ms >= LATE_MS or waiting >= MANY_WAITING else 0
        self._calm = self._calm + 1 if late_ms <= CALM_MS and waiting <= FEW_WAITING else 0
        if self._busy >= BUSY_LOOKS:
            self._step(1)
        elif self._calm >= CALM_LOOKS:
            self._step(-1)
        return self.shed

    def _step(self, by: int) -> None:
        self._busy = self._calm = 0
        self.shed = Shed(min(max(self.shed + by, Shed.NOTHING), Shed.NEW_CHATS))
