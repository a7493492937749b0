"""How fast somebody may go: a bucket that fills steadily and holds a burst. Pure: time is an argument."""

import math

# Whoever comes back exactly when told to is not sent away again for the last bit of a sum.
_ROUNDING = 1e-6


class TokenBucket:
    """`rate` a second on the long run, `burst` at once. Starts full."""

    __slots__ = ("_at_ms", "_burst", "_level", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._at_ms = 0

    def take(self, now_ms: int) -> int:
        """0: taken. Else nothing is taken, and this many milliseconds from now there will be enough."""
        passed_ms = max(0, now_ms - self._at_ms) if self._at_ms else 0
        self._at_ms = now_ms
        self._level = min(self._burst, self._level + passed_ms * self._rate / 1000)
        if self._level >= 1 - _ROUNDING:
            self._level -= 1
            return 0
        return math.ceil((1 - self._level - _ROUNDING) * 1000 / self._rate)
