"""Token bucket, the rate limit of bytes, frames, messages and new chats. Pure: time is an argument."""

import math
from collections.abc import Hashable, Sequence

# A client that returns exactly after the wait that it was given is not refused for a rounding error.
_ROUNDING = 1e-6
# Promises beyond this wait are not spaced: a flood must not grow the wait of the same person's other clients.
MAX_PROMISED_MS = 10_000
# Persons and addresses that one process remembers, 0.3 KiB each: a reconnect does not refill a bucket.
MAX_KEYS = 20_000


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
        wait_ms = self.wait(now_ms, amount)
        if not wait_ms:
            self._level -= amount
        return wait_ms

    def wait(self, now_ms: int, amount: int = 1) -> int:
        """The milliseconds until `take` would grant the tokens; 0 when it would now."""
        passed_ms = max(0, now_ms - self._at_ms) if self._at_ms else 0
        self._at_ms = now_ms
        self._level = min(self._burst, self._level + passed_ms * self._rate / 1000)
        if self._level >= amount - _ROUNDING:
            return 0
        return math.ceil((amount - self._level - _ROUNDING) * 1000 / self._rate)

    def give_back(self) -> None:
        """Returns one taken token, for what was not done after all."""
        self._level = min(self._burst, self._level + 1)

    def promise(self, now_ms: int, wait_ms: int) -> int:
        """The wait to name in a refusal. Successive ones differ by the time of a token: clients that all obey do not return together."""
        spaced_ms = self._promised_ms + math.ceil(1000 / self._rate) - now_ms
        wait_ms = max(wait_ms, min(spaced_ms, MAX_PROMISED_MS))
        self._promised_ms = now_ms + wait_ms
        return wait_ms


def take_from_all(buckets: Sequence[TokenBucket], now_ms: int) -> int:
    """Takes a token of each bucket and returns 0; when one is empty, takes nothing and returns the wait that it promises."""
    for bucket in buckets:
        wait_ms = bucket.wait(now_ms)
        if wait_ms:
            return bucket.promise(now_ms, wait_ms)
    for bucket in buckets:
        bucket.take(now_ms)
    return 0


class BucketTable:
    """A bucket for each key. Holds `max_keys` at most: past that it forgets the least recently used one, which then starts full."""

    def __init__(self, rate: float, burst: float, *, max_keys: int = MAX_KEYS) -> None:
        self._rate = rate
        self._burst = burst
        self._max_keys = max_keys
        # The least recently used first.
        self._buckets: dict[Hashable, TokenBucket] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def of(self, key: Hashable) -> TokenBucket:
        """The bucket of the key, the same one for all callers."""
        bucket = self._buckets.pop(key, None) or TokenBucket(self._rate, self._burst)
        self._buckets[key] = bucket
        if len(self._buckets) > self._max_keys:
            del self._buckets[next(iter(self._buckets))]
        return bucket
