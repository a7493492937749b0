"""How long those wait who lost a race: a random part of a time that doubles, so that they do not meet again."""

import asyncio
import random
import time

# A race is lost in a few milliseconds; an entry that no majority has yet holds its seq until the members agree or fail over.
# Under the five seconds of a caller, who is better told than left.
TRY_FOR_S = 3.0
PAUSE_MIN_S, PAUSE_MAX_S = 0.001, 0.1


class Backoff:
    """`while await tries.again():` runs at once at first, then after a pause each, until the time is up.

    `since_s`: when the caller began to wait, by `time.monotonic`.
    """

    def __init__(self, since_s: float) -> None:
        self._deadline_s = since_s + TRY_FOR_S
        self._ceiling_s = 0.0

    async def again(self) -> bool:
        """Whether there is time for another one."""
        if self._ceiling_s == 0.0:
            self._ceiling_s = PAUSE_MIN_S
            return True
        await asyncio.sleep(random.SystemRandom().uniform(0, self._ceiling_s))
        self._ceiling_s = min(self._ceiling_s * 2, PAUSE_MAX_S)
        return time.monotonic() < self._deadline_s
