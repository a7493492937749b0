"""Waiting for what must come true, instead of sleeping for a guessed while."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, overload

T = TypeVar("T")

# A machine that runs other things beside the tests; what takes longer is broken, not slow.
PATIENCE_S = 15.0
PAUSE_S = 0.02


@overload
async def eventually(condition: Callable[[], Awaitable[T]], seconds: float = PATIENCE_S) -> T: ...
@overload
async def eventually(condition: Callable[[], T], seconds: float = PATIENCE_S) -> T: ...
async def eventually(condition: Callable[[], object], seconds: float = PATIENCE_S) -> object:
    """Asks until the answer is true, and gives it. AssertionError with the last answer, or what it raised, after `seconds`.

    An AssertionError that `condition` raises means "not yet"; anything else goes up at once.
    """
    deadline = time.monotonic() + seconds
    while True:
        last: object
        try:
            found = condition()
            answer = await found if inspect.isawaitable(found) else found
            if answer:
                return answer
            last = answer
        except AssertionError as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {seconds} s; the last answer was {last!r}")
        await asyncio.sleep(PAUSE_S)


def eventually_sync(condition: Callable[[], T], seconds: float = PATIENCE_S) -> T:
    """The same for tests without an event loop."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not true within {seconds} s; the last answer was {answer!r}"
        time.sleep(PAUSE_S)
