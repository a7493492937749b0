"""A clock for processes under test: the real time plus what the test adds."""

from kit.ids import now_ms


class Clock:
    """Callable as `now`; milliseconds since 1970."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    def __call__(self) -> int:
        return now_ms() + self._ahead_ms

    def advance(self, ms: int) -> None:
        self._ahead_ms += ms
