"""Load shedding: decides which optional work a gateway drops under overload, so that running chats are not affected. Pure.

The order: queue positions first, then the live list of visitors, then new chats. One step up after two busy samples in a row, one step
down after five calm ones, so that the level neither jumps nor oscillates.
"""

from enum import IntEnum

# Lag of the event loop. Every message waits for the loop, and people notice a tenth of a second. Half a second is more than a full
# garbage collection or a busy neighbour causes (see `connection/server_config.py`).
BUSY_LAG_MS = 500
CALM_LAG_MS = 100
# Messages that wait for chat. A batch takes 256, so these are four batches, and half a batch.
BUSY_WAITING = 1024
CALM_WAITING = 128
# Samples in a row, one a second, before a step up or down.
BUSY_SAMPLES = 2
CALM_SAMPLES = 5


class Shed(IntEnum):
    """The work that is dropped; each level includes those before it."""

    NOTHING = 0
    QUEUE_POSITIONS = 1
    VISITOR_ACTIVITY = 2
    NEW_CHATS = 3


class LoadShedding:
    """`shed` is the current level."""

    def __init__(self) -> None:
        self.shed = Shed.NOTHING
        self._busy = 0
        self._calm = 0

    def sample(self, lag_ms: int, waiting: int) -> Shed:
        """Takes the lag of the event loop and the number of messages that wait for chat, once a second. Returns the level."""
        self._busy = self._busy + 1 if lag_ms >= BUSY_LAG_MS or waiting >= BUSY_WAITING else 0
        self._calm = self._calm + 1 if lag_ms <= CALM_LAG_MS and waiting <= CALM_WAITING else 0
        if self._busy >= BUSY_SAMPLES:
            self._step(1)
        elif self._calm >= CALM_SAMPLES:
            self._step(-1)
        return self.shed

    def _step(self, by: int) -> None:
        self._busy = self._calm = 0
        self.shed = Shed(min(max(self.shed + by, Shed.NOTHING), Shed.NEW_CHATS))
