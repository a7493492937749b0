"""Maps failures of the database to codes: after a failed write the outcome is unknown, a failed read may be repeated."""

from collections.abc import Awaitable
from typing import TypeVar

from pymongo.errors import DuplicateKeyError, PyMongoError

from kit.codes import Code, Refused
from kit.mongo import outcome_unknown

ResultT = TypeVar("ResultT")

RETRY_MS = 1000


async def reading(statement: Awaitable[ResultT]) -> ResultT:
    """The result of a read; Refused(unavailable) when the database does not answer."""
    try:
        return await statement
    except PyMongoError as error:
        raise Refused(Code.UNAVAILABLE, "The database does not answer.", retry_ms=RETRY_MS) from error


async def writing(statement: Awaitable[ResultT]) -> ResultT:
    """The result of a write; Refused(retry) when its outcome is unknown. Passes DuplicateKeyError on."""
    try:
        return await statement
    except DuplicateKeyError:
        raise
    except PyMongoError as error:
        if not outcome_unknown(error):
            raise
        raise Refused(Code.RETRY, "The outcome is unknown; send the same again.", retry_ms=RETRY_MS) from error
