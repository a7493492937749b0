"""Times: integers of milliseconds inside, RFC 3339 UTC with milliseconds towards browsers."""

from datetime import UTC, datetime
from functools import lru_cache

# The last millisecond of the year 9999: RFC 3339 has no later one.
LATEST_MS = 253_402_300_799_999
# All messages of a batch have one time, which is formatted several times for each.
CACHED_TIMES = 64


def is_representable(at_ms: int) -> bool:
    """True for a time that `rfc3339` can format."""
    return 0 <= at_ms <= LATEST_MS


@lru_cache(CACHED_TIMES)
def rfc3339(at_ms: int) -> str:
    """`1767225600123` as `2026-01-01T00:00:00.123Z`."""
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC).isoformat()[:19]}.{at_ms % 1000:03d}Z"


def parse_rfc3339(text: str) -> int:
    """Milliseconds of an RFC 3339 time; ValueError for any other form or a missing zone."""
    at = datetime.fromisoformat(text.upper())  # RFC 3339 allows t and z
    if at.tzinfo is None:
        raise ValueError("a time needs a zone")
    return round(at.timestamp() * 1000)
