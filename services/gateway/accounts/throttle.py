"""A token bucket stored as one number, so that a store can update it atomically. Pure.

The number is the time at which the bucket is full again (GCRA). A take adds one interval; it is refused when the result would be
further ahead of now than the burst permits. A time in the past is a full bucket.
"""

from typing import NamedTuple

# Keys that one LocalThrottle remembers; it forgets the least recently seen first.
MAX_KEYS = 50_000


class Rule(NamedTuple):
    """`burst` takes at once, then one per `interval_ms`."""

    burst: int
    interval_ms: int

    @property
    def span_ms(self) -> int:
        """The time in which an empty bucket fills."""
        return self.burst * self.interval_ms


class Taken(NamedTuple):
    """`full_at_ms` is the new number; `retry_ms` is 0 when the take was granted, else the wait until the next one."""

    full_at_ms: int
    retry_ms: int


def take(rule: Rule, full_at_ms: int, now_ms: int) -> Taken:
    """One take; a refused take does not change the number."""
    moved = max(full_at_ms, now_ms) + rule.interval_ms
    over = moved - now_ms - rule.span_ms
    return Taken(full_at_ms, over) if over > 0 else Taken(moved, 0)


class LocalThrottle:
    """A bucket for each key, in one process. Gateways count separately: such a rule bounds work, not guessing."""

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._full_at_ms: dict[str, int] = {}

    def take(self, key: str, now_ms: int) -> int:
        """0 when granted, else milliseconds until the next take."""
        taken = take(self._rule, self._full_at_ms.pop(key, 0), now_ms)
        self._full_at_ms[key] = taken.full_at_ms
        if len(self._full_at_ms) > MAX_KEYS:
            del self._full_at_ms[next(iter(self._full_at_ms))]
        return taken.retry_ms
