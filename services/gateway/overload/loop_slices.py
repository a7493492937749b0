"""Work that many ask for at once, a few of them in a turn of the event loop, so that ten thousand do not stop it: those who come, those who leave,
those who are told the same.
"""

import asyncio
from collections import deque
from collections.abc import Callable


class LoopSlicer:
    """Does what is added, in order, `in_one` calls in a turn."""

    def __init__(self, in_one: int) -> None:
        self._in_one = in_one
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, call: Callable[[], None]) -> None:
        """Called soon, after those before it. It must not raise."""
        self._waiting.append(call)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._some)

    def _some(self) -> None:
        turn = [self._waiting.popleft() for _ in range(min(self._in_one, len(self._waiting)))]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._some)
        for call in turn:
            call()
