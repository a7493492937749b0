"""Looks at every state that a model can reach.

Safety is a question to each state. Liveness is asked as *from every state, without further faults, a settled one can be reached*: with
finitely many states, whoever takes each possible step now and then comes there. It finds both what waits for ever and what runs in a
circle with no way out.
"""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

StateT = TypeVar("StateT", bound=Hashable)


class Step(NamedTuple, Generic[StateT]):
    """`fault`: it may happen, and nothing may depend on its happening."""

    name: str
    after: StateT
    fault: bool


class Explored(NamedTuple):
    """How many states there were, and the shortest way to one that is wrong; `why` is empty when all are right."""

    states: int
    why: str
    way: list[str]


class Explorer(Generic[StateT]):
    """`broken` says what is wrong with a state, or nothing; `settled`: all that was wished has happened."""

    def __init__(
        self,
        steps: Callable[[StateT], Iterable[Step[StateT]]],
        broken: Callable[[StateT], str],
        settled: Callable[[StateT], bool],
    ) -> None:
        self._steps = steps
        self._broken = broken
        self._settled = settled
        self._came_from: dict[StateT, tuple[str, StateT | None]] = {}
        self._before: dict[StateT, list[StateT]] = {}

    def explore(self, first: StateT) -> Explored:
        """Breadth first, so that the way to what is wrong is a shortest one."""
        self._came_from[first] = ("", None)
        layer = [first]
        while layer:
            following: list[StateT] = []
            for state in layer:
                if why := self._broken(state):
                    return self._told(state, why)
                following += self._follow(state)
            layer = following
        hopeless = self._hopeless()
        if hopeless is not None:
            return self._told(hopeless, "from here it never settles, though no more goes wrong")
        return Explored(len(self._came_from), "", [])

    def _follow(self, state: StateT) -> list[StateT]:
        found = []
        for name, after, fault in self._steps(state):
            if not fault:
                self._before.setdefault(after, []).append(state)
            if after not in self._came_from:
                self._came_from[after] = (name, state)
                found.append(after)
        return found

    def _hopeless(self) -> StateT | None:
        """The first found that no way without faults leads from to a settled one."""
        hopeful = {state for state in self._came_from if self._settled(state)}
        waiting = list(hopeful)
        while waiting:
            for state in self._before.get(waiting.pop(), ()):
                if state not in hopeful:
                    hopeful.add(state)
                    waiting.append(state)
        return next((state for state in self._came_from if state not in hopeful), None)

    def _told(self, state: StateT, why: str) -> Explored:
        way: list[str] = []
        at: StateT | None = state
        while at is not None:
            name, at = self._came_from[at]
            way.append(name)
        return Explored(len(self._came_from), why, way[-2::-1])
