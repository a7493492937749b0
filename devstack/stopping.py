"""The request to stop: set by a signal handler, awaited by the main thread.

It is no `threading.Event`, because `set` takes a lock there. A signal handler that runs while the main thread holds the lock
in `wait` would wait for ever. Writing one byte into a pipe takes no lock.
"""

import os
import select


class Stopping:
    """A flag that a signal handler can set. It is never cleared."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        # A write must not block the signal handler when the pipe is full.
        os.set_blocking(self._write_end, False)
        self._set = False

    def set(self) -> None:
        """Safe in a signal handler."""
        if not self._set:
            self._set = True
            os.write(self._write_end, b"!")

    def is_set(self) -> bool:
        return self._set

    def wait(self, seconds: float) -> bool:
        """Waits until it is set, at most so long. Returns whether it is set."""
        if not self._set:
            select.select([self._read_end], [], [], seconds)
        return self._set
