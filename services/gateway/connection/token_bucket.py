"""Token bucket, the rate limit of frames, messages and sign-ins. Pure: time is an argument."""

import math

# A client that returns exactly after the wait that it was given is not refused for a rounding error.
_ROUNDING = 1e-6


class TokenBucket:
    """Allows `rate` a second over time and `burst` at once. Starts full."""

    __slots__ = ("_at_ms", "_burst", "_level", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._at_ms = 0

    def take(self, now_ms: int) -> int:
        """Takes one token and returns 0; when there is none, takes nothing and returns the wait in milliseconds."""
        passed_ms = max(0, now_ms - self._at_ms) if self._at_ms else 0
        self._at_ms = now_ms
        self._level = min(self._burst, self._level + passed_ms * self._rate / 1000)
        if self._level >= 1 - _ROUNDING:
            self._level -= 1
            return 0
        return math.ceil((1 - self._level - _ROUNDING) * 1000 / self._rate)
