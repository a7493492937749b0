"""The refusal of a store's call while the database does not respond."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import ParamSpec, TypeVar

from pymongo.errors import PyMongoError

from kit.codes import Code, Refused
from kit.mongo import outcome_unknown

ResultT = TypeVar("ResultT")
ParamsT = ParamSpec("ParamsT")

# The driver usually finds a new primary within this time.
RETRY_MS = 1000


def refusing_when_down(
    method: Callable[ParamsT, Coroutine[object, None, ResultT]],
) -> Callable[ParamsT, Coroutine[object, None, ResultT]]:
    """Turns a database that does not respond into a refusal (retry). Other database errors are bugs and pass through."""

    @wraps(method)
    async def call(*args: ParamsT.args, **kwargs: ParamsT.kwargs) -> ResultT:
        try:
            return await method(*args, **kwargs)
        except PyMongoError as error:
            if not outcome_unknown(error):
                raise
            raise Refused(Code.RETRY, "The database does not respond; try again in a moment.", RETRY_MS) from error

    return call
