"""Maps failures of the database to Refused(retry): the outcome is unknown, and every operation of presence may be repeated."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo.errors import PyMongoError

from kit.codes import Code, Refused
from kit.mongo import outcome_unknown

RETRY_MS = 1000


@contextmanager
def refusing() -> Iterator[None]:
    """Raises Refused(retry) when the database does not answer."""
    try:
        yield
    except PyMongoError as error:
        if not outcome_unknown(error):
            raise
        raise Refused(Code.RETRY, "The database does not answer; the outcome is unknown.", RETRY_MS) from error
