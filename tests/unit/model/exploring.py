"""Explores every state that a model can reach, breadth first.

Safety: each state is checked. Liveness: from every state, a completed state can be reached without further faults. With finitely many
states and fair scheduling that is enough: it finds states that wait for ever and cycles without an exit.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

StateT = TypeVar("StateT", bound=Hashable)


class Step(NamedTuple, Generic[StateT]):
    """A transition. `fault`: it may happen, and liveness must not depend on it."""

    name: str
    after: StateT
    fault: bool


class Explored(NamedTuple):
    """Number of states, and the shortest path to a wrong one; `why` is empty when all are right."""

    states: int
    why: str
    way: list[str]


class Explorer(Generic[StateT]):
    """`broken` returns what is wrong with a state, or an empty text; `completed`: everything requested has happened."""

    def __init__(
        self,
        steps: Callable[[StateT], Iterable[Step[StateT]]],
        broken: Callable[[StateT], str],
        completed: Callable[[StateT], bool],
    ) -> None:
        self._steps = steps
        self._broken = broken
        self._completed = completed
        self._reached_from: dict[StateT, tuple[str, StateT | None]] = {}
        self._before: dict[StateT, list[StateT]] = {}

    def explore(self, first: StateT) -> Explored:
        """Breadth first, so that the path to a wrong state is a shortest one."""
        self._reached_from[first] = ("", None)
        layer = [first]
        while layer:
            following: list[StateT] = []
            for state in layer:
                if why := self._broken(state):
                    return self._explained(state, why)
                following += self._follow(state)
            layer = following
        hopeless = self._hopeless()
        if hopeless is not None:
            return self._explained(hopeless, "from here it never completes, even without further faults")
        return Explored(len(self._reached_from), "", [])

    def _follow(self, state: StateT) -> list[StateT]:
        found = []
        for name, after, fault in self._steps(state):
            if not fault:
                self._before.setdefault(after, []).append(state)
            if after not in self._reached_from:
                self._reached_from[after] = (name, state)
                found.append(after)
        return found

    def _hopeless(self) -> StateT | None:
        """The first state from which no path without faults leads to a completed one."""
        hopeful = {state for state in self._reached_from if self._completed(state)}
        waiting = list(hopeful)
        while waiting:
            for state in self._before.get(waiting.pop(), ()):
                if state not in hopeful:
                    hopeful.add(state)
                    waiting.append(state)
        return next((state for state in self._reached_from if state not in hopeful), None)

    def _explained(self, state: StateT, why: str) -> Explored:
        way: list[str] = []
        at: StateT | None = state
        while at is not None:
            name, at = self._reached_from[at]
            way.append(name)
        return Explored(len(self._reached_from), why, way[-2::-1])
