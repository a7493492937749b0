"""Ids: 128 bits as 32 hex digits, sortable by the millisecond they were made in.

Sortable, so that lists in order of creation need no second index field. With 74 random bits a millisecond, processes need no
coordination. An id is no secret: it grants no access.
"""

import secrets
import time

# RFC 9562, UUID version 7: 48 bits of milliseconds, then version and variant, the rest random.
_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62


def new_id() -> str:
    """A new id; ids of one process made in different milliseconds sort in order of creation."""
    random = secrets.randbits(74)
    high = (random >> 62) << 64
    low = random & ((1 << 62) - 1)
    return f"{(time.time_ns() // 1_000_000) << 80 | _VERSION | high | _VARIANT | low:032x}"


def now_ms() -> int:
    """The clock of every service: milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def visitor_label(visitor: str) -> str:
    """The name of a visitor without a name: the last four characters of the id."""
    return f"Visitor {visitor[-4:].upper()}"
