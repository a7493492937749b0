"""Telling from numbered messages whether some were missed. Pure: time is an argument.

Each publisher numbers what it sends 1, 2, 3 … and sends at least one a second. A reader may have missed something when a number
is skipped, when a publisher is new, and when one falls silent.
"""

# Three of a publisher's beats, one a second: one late beat is no loss.
SILENCE_MS = 3000
# A publisher silent for this long has ended; its successor has a name of its own.
FORGET_MS = 60_000


class GapDetector:
    """What one reader knows of its publishers."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}
        # When it was last told of a publisher that it is silent.
        self._told: dict[str, int] = {}

    def heard(self, publisher: str, number: int, now_ms: int) -> bool:
        """Takes a message in; True when something before it may have been missed."""
        late, known = self.is_late(publisher, number), self._last.get(publisher)
        self._told.pop(publisher, None)
        if late:
            return False
        self._last[publisher] = (number, now_ms)
        return known is None or number != known[0] + 1

    def is_late(self, publisher: str, number: int) -> bool:
        """Whether it comes for the second time, or after one that was sent later: then what it tells was asked for when the gap showed,
        and may have changed since.
        """
        known = self._last.get(publisher)
        return known is not None and number <= known[0]

    def is_silent(self, now_ms: int) -> bool:
        """True when a publisher has said nothing for three seconds, and every three seconds until it speaks or is forgotten.

        It may have ended; or it goes on and only its way here is cut, and then everything that it says is missed.
        """
        found = False
        for publisher, (_, at_ms) in list(self._last.items()):
            if now_ms - at_ms > FORGET_MS:
                del self._last[publisher]
                self._told.pop(publisher, None)
            elif now_ms - self._told.get(publisher, at_ms) > SILENCE_MS:
                self._told[publisher] = now_ms
                found = True
        return found

    def hears(self, now_ms: int) -> bool:
        """Whether anybody was heard in the last three seconds: else nothing gets through, whatever the connection looks like."""
        return any(now_ms - at_ms <= SILENCE_MS for _, at_ms in self._last.values())

    def forget(self) -> None:
        """After a lost connection every publisher is new again."""
        self._last.clear()
        self._told.clear()
