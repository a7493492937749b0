"""Seeing off those who leave: a few in a turn of the event loop, so that ten thousand who are cut off at once do not stop it."""

import asyncio
from collections import deque
from collections.abc import Callable

# Some 5 ms of work, with what follows from each.
A_TURN = 50


class Departures:
    """Of one process; made inside of its loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, farewell: Callable[[], None]) -> None:
        """Called soon, after those before it. It must not raise."""
        self._waiting.append(farewell)
        if len(self._waiting) == 1:
            self._loop.call_soon(self._some)

    def _some(self) -> None:
        turn = [self._waiting.popleft() for _ in range(min(A_TURN, len(self._waiting)))]
        if self._waiting:
            self._loop.call_soon(self._some)
        for farewell in turn:
            farewell()
