"""Telling from numbered messages whether some were missed. Pure: time is an argument.

Each publisher numbers what it sends 1, 2, 3 … and sends at least one a second. A reader may have missed something when a number
is skipped, when a publisher is new, and when one falls silent.
"""

# Three of a publisher's beats, one a second: one late beat is no loss.
SILENCE_MS = 3000
# A publisher silent for this long has ended; its successor has a name of its own.
FORGET_MS = 60_000


class NumberedReader:
    """What one reader knows of its publishers."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, int]] = {}
        self._silent: set[str] = set()

    def heard(self, publisher: str, number: int, now_ms: int) -> bool:
        """Takes a message in; True when something before it may have been missed."""
        known = self._last.get(publisher)
        self._silent.discard(publisher)
        if known is not None and number <= known[0]:
            return False  # doubled or late: what it tells was asked for when the gap showed
        self._last[publisher] = (number, now_ms)
        return known is None or number != known[0] + 1

    def fell_silent(self, now_ms: int) -> bool:
        """True once for each publisher that has said nothing for three seconds."""
        found = False
        for publisher, (_, at_ms) in list(self._last.items()):
            quiet_ms = now_ms - at_ms
            if quiet_ms > FORGET_MS:
                del self._last[publisher]
                self._silent.discard(publisher)
            elif quiet_ms > SILENCE_MS and publisher not in self._silent:
                self._silent.add(publisher)
                found = True
        return found

    def forget(self) -> None:
        """After a lost connection every publisher is new again."""
        self._last.clear()
        self._silent.clear()
