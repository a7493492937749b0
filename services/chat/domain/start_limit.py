"""Limit of the conversations that one visitor starts. Pure.

It is decided on the start times in the database, so it holds for all gateways, replicas and connections of the visitor.
"""

from collections.abc import Sequence
from typing import NamedTuple


class StartLimit(NamedTuple):
    """At most `starts` within `window_ms`."""

    starts: int
    window_ms: int = 10 * 60 * 1000

    def wait_ms(self, newest_starts_ms: Sequence[int], now_ms: int) -> int:
        """0 when the visitor may start another one, else the time until then. Takes at least the newest `starts` times, newest first."""
        if len(newest_starts_ms) < self.starts:
            return 0
        return max(0, newest_starts_ms[self.starts - 1] + self.window_ms - now_ms)
