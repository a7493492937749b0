"""Bounded buffer of frames for a client that reads slowly, with a rule for what is dropped first. Pure.

Ephemeral frames are dropped first. Then the conversation with the most buffered entries collapses into one `stale`, which the client
answers with a fetch. Acknowledgements and replies are never dropped: when they alone exceed the bound, the connection is closed.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

# A quarter of a second of a busy agent's frames. A client with more does not read.
MAX_FRAMES = 512
# The largest entry has about 16 KiB, so this holds dozens of the largest and all of the usual.
MAX_BYTES = 1024 * 1024


class BufferedFrame(NamedTuple):
    """One frame. Entries have `conversation_id` and `seq`; an `ephemeral` frame may be lost."""

    frame: bytes
    conversation_id: str | None = None
    seq: int = 0
    ephemeral: bool = False


class SendBuffer:
    """Frames in their order. `stale` makes the frame that replaces a collapsed conversation."""

    __slots__ = ("_bytes", "_frames", "_stale", "dropped")

    def __init__(self, stale: Callable[[str, int], bytes]) -> None:
        self._stale = stale
        self._frames: deque[BufferedFrame] = deque()
        self._bytes = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._frames)

    def add(self, item: BufferedFrame) -> bool:
        """False when the bound is exceeded and nothing more can be dropped: the client is too slow."""
        self._frames.append(item)
        self._bytes += len(item.frame)
        if self._fits():
            return True
        self._replace(other for other in self._frames if not other.ephemeral)
        while not self._fits():
            conversation_id = self._fullest()
            if conversation_id is None:
                return False
            self._collapse(conversation_id)
        return True

    def take_all(self) -> list[bytes]:
        """All frames in their order; empties the buffer."""
        frames = [item.frame for item in self._frames]
        self._frames.clear()
        self._bytes = 0
        return frames

    def _fits(self) -> bool:
        return len(self._frames) <= MAX_FRAMES and self._bytes <= MAX_BYTES

    def _fullest(self) -> str | None:
        counts = Counter(item.conversation_id for item in self._frames if item.conversation_id is not None)
        conversation_id, count = max(counts.items(), key=lambda found: found[1], default=(None, 0))
        return conversation_id if count > 1 else None

    def _collapse(self, conversation_id: str) -> None:
        head = max(item.seq for item in self._frames if item.conversation_id == conversation_id)
        kept = [item for item in self._frames if item.conversation_id != conversation_id]
        kept.append(BufferedFrame(self._stale(conversation_id, head), conversation_id, head))
        self._replace(iter(kept))

    def _replace(self, items: Iterator[BufferedFrame]) -> None:
        before = len(self._frames)
        self._frames = deque(items)
        self._bytes = sum(len(item.frame) for item in self._frames)
        self.dropped += before - len(self._frames)
