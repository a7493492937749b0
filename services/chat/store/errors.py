"""What a failing database means to callers: nothing is known of a write, and a read may be asked again."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import BulkWriteError, PyMongoError

from kit.codes import Code, Refused
from kit.mongo import outcome_unknown

RETRY_MS = 1000


@contextmanager
def reading() -> Iterator[None]:
    """Refused(unavailable) from a read that fails."""
    try:
        yield
    except PyMongoError as error:
        raise Refused(Code.UNAVAILABLE, "The database does not answer.", retry_ms=RETRY_MS) from error


def failed_write(error: PyMongoError) -> Exception:
    """Refused(retry) when it may have happened, in part too; what should never happen goes up as it is."""
    if isinstance(error, BulkWriteError) or outcome_unknown(error):
        return Refused(Code.RETRY, "The outcome is unknown; send the same again.", retry_ms=RETRY_MS)
    return error
