"""Ids: 128 bits as 32 hex digits, sortable by the millisecond they were made in.

Sortable, so that lists in order of creation need no second index field; random enough (74 bits a
millisecond) that no coordination is needed. An id alone opens nothing: it is not a secret.
"""

import secrets
import time

# RFC 9562, UUID version 7: 48 bits of milliseconds, then version and variant, the rest random.
_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62


def new_id() -> str:
    """A fresh id; ids of one process made in different milliseconds sort in the order of their making."""
    random = secrets.randbits(74)
    high = (random >> 62) << 64
    low = random & ((1 << 62) - 1)
    return f"{(time.time_ns() // 1_000_000) << 80 | _VERSION | high | _VARIANT | low:032x}"


def now_ms() -> int:
    """The clock that every service is given: milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def visitor_label(visitor: str) -> str:
    """The name of a visitor without a name: the last four characters of the id."""
    return f"Visitor {visitor[-4:].upper()}"
