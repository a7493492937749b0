"""Slices of work over event-loop iterations, so that ten thousand calls at once do not block the loop."""

import asyncio
from collections import deque
from collections.abc import Callable


class LoopSlicer:
    """Runs the added calls in order, up to `batch` of them in one event-loop iteration."""

    def __init__(self, batch: int) -> None:
        self._batch = batch
        self._waiting: deque[Callable[[], None]] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, call: Callable[[], None]) -> None:
        """Runs `call` in a coming iteration, after those before it. It must not raise."""
        self._waiting.append(call)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._run_slice)

    def _run_slice(self) -> None:
        calls = [self._waiting.popleft() for _ in range(min(self._batch, len(self._waiting)))]
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._run_slice)
        for call in calls:
            call()
