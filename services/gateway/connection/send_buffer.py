"""What waits for a peer that reads slowly, bounded, and what is given up first. Pure.

First go ephemeral frames, then the conversation with the most entries waiting collapses into one `stale`, which its client answers
with a fetch. Acknowledgements and answers are never dropped: when they alone fill the bound, the socket is given up.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

# A quarter of a second of a busy agent's frames; more than this means that the peer does not read.
MAX_FRAMES = 512
# The largest entry has about 16 KiB, so this holds dozens of the largest and all of the usual.
MAX_BYTES = 1024 * 1024


class BufferedFrame(NamedTuple):
    """One frame. `conversation` and `seq` are set for entries; `ephemeral` ones may be lost."""

    frame: bytes
    conversation: str | None = None
    seq: int = 0
    ephemeral: bool = False


class SendBuffer:
    """Frames in their order. `stale` makes the frame that stands for a collapsed conversation."""

    __slots__ = ("_bytes", "_stale", "_waiting", "dropped")

    def __init__(self, stale: Callable[[str, int], bytes]) -> None:
        self._stale = stale
        self._waiting: deque[BufferedFrame] = deque()
        self._bytes = 0
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, item: BufferedFrame) -> bool:
        """False when the bound is reached and nothing more can be given up: the peer is too slow."""
        self._waiting.append(item)
        self._bytes += len(item.frame)
        if self._fits():
            return True
        self._keep(other for other in self._waiting if not other.ephemeral)
        while not self._fits():
            conversation = self._fullest()
            if conversation is None:
                return False
            self._collapse(conversation)
        return True

    def take_all(self) -> list[bytes]:
        """Everything, in order; the backlog is empty after it."""
        frames = [item.frame for item in self._waiting]
        self._waiting.clear()
        self._bytes = 0
        return frames

    def _fits(self) -> bool:
        return len(self._waiting) <= MAX_FRAMES and self._bytes <= MAX_BYTES

    def _fullest(self) -> str | None:
        counts = Counter(item.conversation for item in self._waiting if item.conversation is not None)
        conversation, count = max(counts.items(), key=lambda found: found[1], default=(None, 0))
        return conversation if count > 1 else None

    def _collapse(self, conversation: str) -> None:
        head = max(item.seq for item in self._waiting if item.conversation == conversation)
        kept = [item for item in self._waiting if item.conversation != conversation]
        kept.append(BufferedFrame(self._stale(conversation, head), conversation, head))
        self._keep(iter(kept))

    def _keep(self, items: Iterator[BufferedFrame]) -> None:
        before = len(self._waiting)
        self._waiting = deque(items)
        self._bytes = sum(len(item.frame) for item in self._waiting)
        self.dropped += before - len(self._waiting)
