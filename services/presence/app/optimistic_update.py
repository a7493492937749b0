"""Optimistic concurrency on records of visitors and agents: read, decide, write conditionally, repeat after a lost race, publish.

Several processes change the same records. Invariants: a change is published only once it is stored for sure. A change that may be
stored without being published leaves a gap in the deltas.
"""

import asyncio
import random
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Generic

from msgspec.structs import replace

from kit.codes import Code, Refused
from services.presence.domain.agent import Agent, availability_of
from services.presence.domain.visitor import Visitor
from services.presence.domain.visitor_row import row_of
from services.presence.metrics import Metrics
from services.presence.ports import Deltas, StateRecords, StateT

# (key, state before or None) -> state after. Returns the same object when nothing changes. Runs again after a lost race, so it is pure.
Transition = Callable[[str, StateT | None], StateT | None]

# In each lost round another writer succeeds; so many lost rounds in a row mean a fault.
MAX_ROUNDS = 30
# Pause after a lost round, random within 2 ms at first and within 64 ms at most: a few round trips to the database.
PAUSE_MIN_S, PAUSE_DOUBLINGS = 0.002, 5
# Records that are decided and written at once: milliseconds of work.
UPDATE_BATCH = 500
_RETRY_MS = 200


class OptimisticUpdater(ABC, Generic[StateT]):
    """Applies transitions to the records of one kind, which is its label in metrics."""

    kind: str

    def __init__(
        self, records: StateRecords[StateT], deltas: Deltas, *, now: Callable[[], int], metrics: Metrics
    ) -> None:
        self._records: StateRecords[StateT] = records
        self._deltas = deltas
        self._now = now
        self._metrics = metrics

    @abstractmethod
    def looks_equal(self, before: StateT, after: StateT) -> bool:
        """True when the change is not visible to agents: then `rev` stays and no delta is published."""

    @abstractmethod
    def publish(self, states: Iterable[StateT]) -> None: ...

    async def update_keys(self, keys: Iterable[str], transition: Transition[StateT], by: str) -> None:
        """Applies the transition to these records, also to those that do not exist. Refused(retry) after MAX_ROUNDS lost races."""
        listed = list(keys)
        for start in range(0, len(listed), UPDATE_BATCH):
            batch = listed[start : start + UPDATE_BATCH]
            await self.update(batch, await self._records.read(batch), transition, by)

    async def update(
        self,
        keys: Iterable[str],
        found: Mapping[str, StateT],
        transition: Transition[StateT],
        by: str,
        *,
        profile: bool = False,
    ) -> dict[str, StateT]:
        """As `update_keys` for records that were just read as `found`. Returns the states after it."""
        keys = list(keys)
        raced: set[str] = set()
        for number in range(MAX_ROUNDS):
            changes = self._decide(keys, found, transition)
            if not changes or await self._write(changes):
                states = {**found, **{after.key: after for _, after in changes}}
                self._metrics.changes.labels(self.kind, by).inc(len(changes))
                self._publish_changes(changes, raced, states)
                return states
            self._metrics.races.inc()
            raced.update(after.key for _, after in changes)
            pause_s = PAUSE_MIN_S * 2 ** min(number, PAUSE_DOUBLINGS)
            await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311 - jitter, no secret
            found = await self._records.read(keys, profile=profile)
        self._mark_gaps(keys)
        raise Refused(Code.RETRY, "Other writers change the same records; the rest is not done.", _RETRY_MS)

    def _decide(
        self, keys: Iterable[str], found: Mapping[str, StateT], transition: Transition[StateT]
    ) -> list[tuple[StateT | None, StateT]]:
        now = self._now()
        changes: list[tuple[StateT | None, StateT]] = []
        for key in keys:
            before = found.get(key)
            after = transition(key, before)
            if after is not None and after is not before:
                unseen = before is not None and self.looks_equal(before, after)
                rev = after.rev if unseen else max(after.rev + 1, now)
                changes.append((before, replace(after, rev=rev, writes=after.writes + 1)))
        return changes

    async def _write(self, changes: list[tuple[StateT | None, StateT]]) -> bool:
        try:
            return await self._records.write(changes)
        except BaseException:  # also when cancelled: it may be stored, and no delta will follow
            self._mark_gaps(after.key for _, after in changes)
            raise

    def _publish_changes(
        self, changes: list[tuple[StateT | None, StateT]], raced: set[str], states: Mapping[str, StateT]
    ) -> None:
        """Publishes visible changes. Of raced records the stored state, as it is unknown which of our writes succeeded."""
        visible = {after.key for before, after in changes if before is None or before.rev != after.rev}
        self.publish(states[key] for key in sorted(visible | raced) if key in states)

    def _mark_gaps(self, keys: Iterable[str]) -> None:
        for site in {key.partition("/")[0] for key in keys}:
            self._deltas.mark_gap(site)


class VisitorUpdater(OptimisticUpdater[Visitor]):
    """A visitor's change is visible when its row or its name changes: agents read the name without the row too."""

    kind = "visitor"

    def looks_equal(self, before: Visitor, after: Visitor) -> bool:
        return row_of(before) == row_of(after) and before.name == after.name

    def publish(self, states: Iterable[Visitor]) -> None:
        self._deltas.visitors_changed(states)


class AgentUpdater(OptimisticUpdater[Agent]):
    """An agent's change is visible when the availability changes."""

    kind = "agent"

    def looks_equal(self, before: Agent, after: Agent) -> bool:
        return availability_of(before) == availability_of(after)

    def publish(self, states: Iterable[Agent]) -> None:
        self._deltas.agents_changed(states)
