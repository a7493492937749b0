"""Token bucket, the rate limit of bytes, frames, messages and sign-ins. Pure: time is an argument."""

import math

# A client that returns exactly after the wait that it was given is not refused for a rounding error.
_ROUNDING = 1e-6
# Promises beyond this wait are not spaced: a flood must not grow the wait of the same person's other clients.
MAX_PROMISED_MS = 10_000


class TokenBucket:
    """Allows `rate` a second over time and `burst` at once. Starts full."""

    __slots__ = ("_at_ms", "_burst", "_level", "_promised_ms", "_rate")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._level = burst
        self._at_ms = 0
        # The time of the last token that a refusal has promised.
        self._promised_ms = 0

    def take(self, now_ms: int, amount: int = 1) -> int:
        """Takes the tokens and returns 0; when they are missing, takes nothing and returns the wait in milliseconds."""
        passed_ms = max(0, now_ms - self._at_ms) if self._at_ms else 0
        self._at_ms = now_ms
        self._level = min(self._burst, self._level + passed_ms * self._rate / 1000)
        if self._level >= amount - _ROUNDING:
            self._level -= amount
            return 0
        return math.ceil((amount - self._level - _ROUNDING) * 1000 / self._rate)

    def promise(self, now_ms: int, wait_ms: int) -> int:
        """The wait to name in a refusal. Successive ones differ by the time of a token: clients that all obey do not return together."""
        spaced_ms = self._promised_ms + math.ceil(1000 / self._rate) - now_ms
        wait_ms = max(wait_ms, min(spaced_ms, MAX_PROMISED_MS))
        self._promised_ms = now_ms + wait_ms
        return wait_ms
