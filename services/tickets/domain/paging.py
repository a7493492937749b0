"""Cursors of lists: opaque to callers, stable while tickets are made, because they name the last number that was given."""

import base64
import binascii

from kit.codes import Code, Refused

PAGE_LIMIT = 100
# Above every number that a ticket can have.
TOP = 2**62


def cursor_after(number: int) -> str:
    """What to ask with for the tickets below this number."""
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def below(cursor: str) -> int:
    """The number that the cursor stands for; Refused(invalid) for what was never a cursor."""
    if not cursor:
        return TOP
    try:
        number = base64.b64decode(cursor, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        number = b""
    if not number.isdigit() or not 0 < int(number[:20]) < TOP:
        raise Refused(Code.INVALID, "cursor: not one of ours.")
    return int(number)


def page_limit(limit: int) -> int:
    """How many to give."""
    if not 1 <= limit <= PAGE_LIMIT:
        raise Refused(Code.INVALID, f"limit: 1 to {PAGE_LIMIT}.")
    return limit
