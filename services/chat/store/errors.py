"""Maps database errors to refusals: the outcome of a write is unknown, and a read may be repeated."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import BulkWriteError, PyMongoError

from kit.codes import Code, Refused
from kit.mongo import outcome_unknown

RETRY_MS = 1000


@contextmanager
def reads() -> Iterator[None]:
    """Raises Refused(unavailable) when a read fails."""
    try:
        yield
    except PyMongoError as error:
        raise Refused(Code.UNAVAILABLE, "The database does not answer.", retry_ms=RETRY_MS) from error


@contextmanager
def writes() -> Iterator[None]:
    """Raises Refused(retry) when a write failed that may have happened, also in part; other errors are faults and pass through."""
    try:
        yield
    except PyMongoError as error:
        if isinstance(error, BulkWriteError) or outcome_unknown(error):
            raise Refused(Code.RETRY, "The outcome is unknown; send the same again.", retry_ms=RETRY_MS) from error
        raise
