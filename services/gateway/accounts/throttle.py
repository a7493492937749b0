"""How often somebody may do something: a token bucket kept as one number, so that it can be compared and set. Pure.

The number is the moment at which the bucket is full again (GCRA): a take moves it on by one interval, and is refused while
that would put it further ahead of `now` than the burst allows. A moment in the past is a full bucket.
"""

from typing import NamedTuple


class Rule(NamedTuple):
    """`burst` takes at once, then one every `interval_ms`."""

    burst: int
    interval_ms: int

    @property
    def span_ms(self) -> int:
        """How long an empty bucket takes to fill."""
        return self.burst * self.interval_ms


class Taken(NamedTuple):
    """`full_at_ms` is the new number; `retry_ms` is 0 when the take was granted, else the wait until the next one."""

    full_at_ms: int
    retry_ms: int


def take(rule: Rule, full_at_ms: int, now_ms: int) -> Taken:
    """One take; a refused one costs nothing."""
    moved = max(full_at_ms, now_ms) + rule.interval_ms
    over = moved - now_ms - rule.span_ms
    return Taken(full_at_ms, over) if over > 0 else Taken(moved, 0)
