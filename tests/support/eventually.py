"""Waiting for a condition, instead of sleeping for a guessed time."""

import asyncio
import inspect
import reprlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar, overload

T = TypeVar("T")

# A machine that is three times slower than others for minutes, as virtual ones are; what takes longer is broken, not slow.
PATIENCE_S = 60.0
# The first pause. Each pause is longer than the one before, so that a long wait costs little CPU.
PAUSE_S = 0.005
MAX_PAUSE_S = 0.05
SHOWN_CHARACTERS = 2000


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], seconds: float = PATIENCE_S, *, sentence: str | None = None
) -> T: ...
@overload
async def eventually(condition: Callable[[], T], seconds: float = PATIENCE_S, *, sentence: str | None = None) -> T: ...
async def eventually(
    condition: Callable[[], object], seconds: float = PATIENCE_S, *, sentence: str | None = None
) -> object:
    """Calls `condition` until the answer is true, and returns the answer.

    An AssertionError of `condition` means "not yet"; every other exception is raised at once. After `seconds` an AssertionError with
    `sentence`, which says what should have become true, and with the last answer.
    """
    deadline = time.monotonic() + seconds
    pause = PAUSE_S
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
            raise AssertionError(failure(condition, seconds, sentence, last))
        await asyncio.sleep(pause)
        pause = min(pause * 1.3, MAX_PAUSE_S)


def eventually_sync(condition: Callable[[], T], seconds: float = PATIENCE_S, *, sentence: str | None = None) -> T:
    """The same for tests without an event loop."""
    deadline = time.monotonic() + seconds
    pause = PAUSE_S
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < deadline, failure(condition, seconds, sentence, answer)
        time.sleep(pause)
        pause = min(pause * 1.3, MAX_PAUSE_S)


def failure(condition: object, seconds: float, sentence: str | None, last: object) -> str:
    """Without a sentence the source of the condition says what was waited for. The variables that it reads show what came instead."""
    came = "".join(f"\n{name} = {reprlib.repr(value)}" for name, value in _variables(condition).items())
    return f"not within {seconds:g} s: {sentence or _source(condition)}\nthe last answer was {last!r}{came}"[
        :SHOWN_CHARACTERS
    ]


def _variables(condition: object) -> Mapping[str, object]:
    """Of the enclosing function, as far as a lambda or an inner function reads them."""
    try:
        return inspect.getclosurevars(condition).nonlocals  # type: ignore[arg-type] # a TypeError for other callables
    except (TypeError, ValueError):
        return {}


def _source(condition: object) -> str:
    try:
        return inspect.getsource(condition).strip()  # type: ignore[arg-type] # a TypeError without a source
    except (OSError, TypeError):
        return repr(condition)
