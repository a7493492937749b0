"""The wish to stop, said by a signal and waited for by the main thread.

Not a `Stopping`: its `set` takes a lock, and a signal handler that runs while the main thread holds that lock in `wait` waits for
ever. Writing one byte into a pipe takes none.
"""

import os
import select


class Stopping:
    """Once set it stays set."""

    def __init__(self) -> None:
        self._heard, self._said = os.pipe()
        # More than one signal must not block the handler when nobody reads.
        os.set_blocking(self._said, False)
        self._set = False

    def set(self) -> None:
        """Safe in a signal handler."""
        if not self._set:
            self._set = True
            os.write(self._said, b"!")

    def is_set(self) -> bool:
        return self._set

    def wait(self, seconds: float) -> bool:
        """Returns early when it is set; whether it is."""
        if not self._set:
            select.select([self._heard], [], [], seconds)
        return self._set
