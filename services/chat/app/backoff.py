"""Retry delays after a lost race: random, below a ceiling that doubles, so that competing writers separate."""

import asyncio
import random
import time

# A race resolves in milliseconds; an entry without a majority holds its seq until the members agree or fail over.
# Below the caller's deadline of 5 s, so that the caller gets an answer instead of a time-out.
RETRY_FOR_S = 3.0
MIN_DELAY_S, MAX_DELAY_S = 0.001, 0.1


class Backoff:
    """`while await backoff.next_attempt():` runs the first attempt at once, later ones after a delay, until RETRY_FOR_S has passed.

    `since_s`: the start of the caller's request, by `time.monotonic`.
    """

    def __init__(self, since_s: float) -> None:
        self._deadline_s = since_s + RETRY_FOR_S
        self._ceiling_s = 0.0

    async def next_attempt(self) -> bool:
        """False once the time is over."""
        if self._ceiling_s == 0.0:
            self._ceiling_s = MIN_DELAY_S
            return True
        await asyncio.sleep(random.SystemRandom().uniform(0, self._ceiling_s))
        self._ceiling_s = min(self._ceiling_s * 2, MAX_DELAY_S)
        return time.monotonic() < self._deadline_s
