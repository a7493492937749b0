"""Queue of the conversations of one site that wait for an agent, kept up to date by hints and snapshots in any order. Pure.

A hint that arrives while a snapshot is being read is newer than the snapshot, which does not undo it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from services.gateway.connection.frames import ConversationState

# Conversations in one `queue` frame: more than an agent can look at. The frame also has their full number.
MAX_SHOWN = 50
# Conversations whose last head is remembered, so that a late older hint changes nothing.
MAX_HEADS = 5000


class WaitingConversation(NamedTuple):
    """A waiting conversation. `state` is its form for browsers."""

    id: str
    visitor_id: str
    started_at_ms: int
    head: int
    state: ConversationState


class WaitingQueue:
    """Oldest first."""

    def __init__(self) -> None:
        self._waiting: dict[str, WaitingConversation] = {}
        # The head of the last hint of each conversation, the latest updated last.
        self._heads: dict[str, int] = {}
        # Conversations with a hint since the reading of a snapshot began.
        self._updated: set[str] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, conversation: WaitingConversation) -> bool:
        """The conversation waits at its head. True when this changes the queue."""
        if not self._is_news(conversation):
            return False
        self._remember(conversation.id, conversation.head)
        self._waiting[conversation.id] = conversation
        return True

    def remove(self, conversation_id: str, head: int) -> bool:
        """The conversation no longer waits, as of `head`. True when this changes the queue."""
        self._remember(conversation_id, max(head, self._heads.get(conversation_id, 0)))
        known = self._waiting.get(conversation_id)
        if known is None or known.head > head:
            return False
        del self._waiting[conversation_id]
        return True

    def begin_snapshot(self) -> None:
        """Must be called before a snapshot is read."""
        self._updated.clear()

    def apply_snapshot(self, conversations: Iterable[WaitingConversation]) -> tuple[bool, list[str]]:
        """Applies the list that was read. Returns whether the queue changed, and the ids that no longer wait."""
        read = {conversation.id: conversation for conversation in conversations}
        gone = [known for known in self._waiting if known not in read and known not in self._updated]
        for conversation_id in gone:
            del self._waiting[conversation_id]
        changed = {key: conversation for key, conversation in read.items() if self._is_news(conversation)}
        self._waiting.update(changed)
        return bool(gone or changed), gone

    def ordered(self) -> list[WaitingConversation]:
        return sorted(self._waiting.values(), key=lambda waiting: (waiting.started_at_ms, waiting.id))

    def positions(self) -> dict[str, int]:
        """Positions from 1, by visitor id."""
        return {waiting.visitor_id: position for position, waiting in enumerate(self.ordered(), 1)}

    def __contains__(self, conversation_id: str) -> bool:
        return conversation_id in self._waiting

    def _remember(self, conversation_id: str, head: int) -> None:
        self._updated.add(conversation_id)
        self._heads.pop(conversation_id, None)
        self._heads[conversation_id] = head
        if len(self._heads) > MAX_HEADS:
            oldest = next(iter(self._heads))
            del self._heads[oldest]
            self._updated.discard(oldest)

    def _is_news(self, conversation: WaitingConversation) -> bool:
        known = self._waiting.get(conversation.id)
        known_head = max(self._heads.get(conversation.id, -1), -1 if known is None else known.head)
        return conversation.head > known_head
