"""The conversations of one site that wait for an agent, kept right by hints and by snapshots in whatever order they come. Pure.

A hint that arrives while a snapshot is being read is newer than the snapshot: it is not undone by it.
"""

from collections.abc import Iterable
from typing import NamedTuple

from services.gateway.connection.frames import ConversationState

# Offers in one frame: more than an agent can look at; `waiting` tells how many there are.
MAX_WAITING = 50
# Conversations whose last hint is remembered, so that an older one that comes late changes nothing.
MAX_HINTS = 5000


class WaitingConversation(NamedTuple):
    """A conversation that waits. `state` is what browsers get of it."""

    conversation: str
    visitor: str
    started_at_ms: int
    head: int
    state: ConversationState


class WaitingQueue:
    """Oldest first."""

    def __init__(self) -> None:
        self._offers: dict[str, WaitingConversation] = {}
        self._heard: dict[str, int] = {}
        # Those that were heard of since the reading of a list began.
        self._touched: set[str] = set()

    def __len__(self) -> int:
        return len(self._offers)

    def waits(self, offer: WaitingConversation) -> bool:
        """A conversation waits at `offer.head`; True when that is news."""
        if self._heard.get(offer.conversation, -1) >= offer.head:
            return False
        known = self._offers.get(offer.conversation)
        if known is not None and known.head >= offer.head:
            return False
        self._remember(offer.conversation, offer.head)
        self._offers[offer.conversation] = offer
        return True

    def left(self, conversation: str, head: int) -> bool:
        """It does not wait any more, as of `head`; True when that is news."""
        self._remember(conversation, max(head, self._heard.get(conversation, 0)))
        known = self._offers.get(conversation)
        if known is None or known.head > head:
            return False
        del self._offers[conversation]
        return True

    def begin_snapshot(self) -> None:
        """A list is about to be read."""
        self._touched.clear()

    def snapshot(self, offers: Iterable[WaitingConversation]) -> tuple[bool, list[str]]:
        """The list that was read: whether anything changed, and which conversations wait no longer."""
        read = {offer.conversation: offer for offer in offers}
        gone = [held for held in self._offers if held not in read and held not in self._touched]
        for conversation in gone:
            del self._offers[conversation]
        changed = [offer for offer in read.values() if self._is_news(offer)]
        self._offers.update((offer.conversation, offer) for offer in changed)
        return bool(gone or changed), gone

    def ordered(self) -> list[WaitingConversation]:
        return sorted(self._offers.values(), key=lambda offer: (offer.started_at_ms, offer.conversation))

    def positions(self) -> dict[str, int]:
        """By visitor, from 1."""
        return {offer.visitor: position for position, offer in enumerate(self.ordered(), 1)}

    def __contains__(self, conversation: str) -> bool:
        return conversation in self._offers

    def _remember(self, conversation: str, head: int) -> None:
        self._touched.add(conversation)
        self._heard.pop(conversation, None)
        self._heard[conversation] = head
        if len(self._heard) > MAX_HINTS:
            oldest = next(iter(self._heard))
            del self._heard[oldest]
            self._touched.discard(oldest)

    def _is_news(self, offer: WaitingConversation) -> bool:
        if self._heard.get(offer.conversation, -1) >= offer.head:
            return False
        known = self._offers.get(offer.conversation)
        return known is None or known.head < offer.head
