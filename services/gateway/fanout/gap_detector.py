"""Detects missed messages by their numbers. Pure: time is an argument.

Each publisher numbers its messages 1, 2, 3 … and sends at least one a second. A reader may have missed messages when a number is
skipped, when a publisher is new, and when a publisher becomes silent.
"""

# Three beats of a publisher, which sends one a second: one late beat is no loss.
SILENCE_MS = 3000
# A publisher that is silent for this long has ended; its successor has another name.
FORGET_MS = 60_000


class GapDetector:
    """The last number and time of each publisher, as one reader knows them."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}
        # When `is_silent` last reported a publisher.
        self._reported_ms: dict[str, int] = {}

    def observe(self, publisher: str, number: int, now_ms: int) -> bool:
        """Records a message. True when a message before it may have been missed."""
        late, known = self.is_late(publisher, number), self._last.get(publisher)
        self._reported_ms.pop(publisher, None)
        if late:
            return False
        self._last[publisher] = (number, now_ms)
        return known is None or number != known[0] + 1

    def is_late(self, publisher: str, number: int) -> bool:
        """True for a duplicate or out-of-order message. The reader asked for its content when the gap showed, so it may be outdated."""
        known = self._last.get(publisher)
        return known is not None and number <= known[0]

    def is_silent(self, now_ms: int) -> bool:
        """True when a publisher sent nothing for three seconds, and again every three seconds until it sends or is forgotten.

        The publisher may have ended. Or only the path from it to this reader is cut, and then everything it sends is missed.
        """
        found = False
        for publisher, (_, at_ms) in list(self._last.items()):
            if now_ms - at_ms > FORGET_MS:
                del self._last[publisher]
                self._reported_ms.pop(publisher, None)
            elif now_ms - self._reported_ms.get(publisher, at_ms) > SILENCE_MS:
                self._reported_ms[publisher] = now_ms
                found = True
        return found

    def is_receiving(self, now_ms: int) -> bool:
        """True when any publisher sent in the last three seconds. Else nothing gets through, even over an open connection."""
        return any(now_ms - at_ms <= SILENCE_MS for _, at_ms in self._last.values())

    def reset(self) -> None:
        """Forgets all publishers, as after a lost connection."""
        self._last.clear()
        self._reported_ms.clear()
