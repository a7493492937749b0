"""Read, decide, write on condition, and again where somebody else was first; then tell what changed.

Several processes do this on the same records at once. What must stay true: a change is told only once it is sure to be stored, and what
may have been stored without being told shows as a gap.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from msgspec.structs import replace

from kit.codes import Code, Refused
from services.presence.domain.agent import Agent, availability_of
from services.presence.domain.visitor import Visitor
from services.presence.domain.visitor_row import row_of
from services.presence.metrics import Metrics
from services.presence.ports import Deltas, Records

StateT = TypeVar("StateT", Visitor, Agent)
# Gives the state after, the same object when nothing changes; gets None for a record that is not there. Runs again after a lost
# race, so it must be pure.
Step = Callable[[str, StateT | None], StateT | None]

# Each round lost means that another writer got on; so many in a row mean that something is wrong.
ROUNDS = 30
# Losers try again at moments of their own, within 2 ms first and 64 ms at most: a few round trips to the database.
PAUSE_MIN_S, PAUSE_DOUBLINGS = 0.002, 5
# Records decided and written in one go: milliseconds of work.
CHUNK = 500
_RETRY_MS = 200


class OptimisticUpdater(Generic[StateT]):
    """Applies pure steps to the records of one kind."""

    def __init__(
        self,
        of: str,
        records: Records[StateT],
        *,
        tell: Callable[[Iterable[StateT]], None],
        same: Callable[[StateT, StateT], bool],
        say_gap: Callable[[str], None],
        now: Callable[[], int],
        metrics: Metrics,
    ) -> None:
        self._of = of
        self._records: Records[StateT] = records
        self._tell: Callable[[Iterable[StateT]], None] = tell
        self._same: Callable[[StateT, StateT], bool] = same
        self._say_gap = say_gap
        self._now = now
        self._metrics = metrics

    async def settle_keys(self, keys: Iterable[str], step: Step[StateT], by: str) -> None:
        """Applies the step to these records, those that do not exist included; Refused(retry) when others are always first."""
        listed = list(keys)
        for start in range(0, len(listed), CHUNK):
            chunk = listed[start : start + CHUNK]
            await self.settle(chunk, await self._records.read(chunk), step, by)

    async def settle(
        self, keys: Iterable[str], found: dict[str, StateT], step: Step[StateT], by: str, *, profile: bool = False
    ) -> dict[str, StateT]:
        """As settle_keys, where `found` was just read; gives the states after it."""
        keys = list(keys)
        raced: set[str] = set()
        for number in range(ROUNDS):
            changes = self._decide(keys, found, step)
            if not changes or await self._write(changes):
                found.update({after.key: after for _, after in changes})
                self._metrics.changes.labels(self._of, by).inc(len(changes))
                self._tell_of(changes, raced, found)
                return found
            self._metrics.races.inc()
            raced.update(after.key for _, after in changes)
            pause_s = PAUSE_MIN_S * 2 ** min(number, PAUSE_DOUBLINGS)
            await asyncio.sleep(random.uniform(0, pause_s))  # noqa: S311 - jitter, no secret
            found = await self._records.read(keys, profile=profile)
        self._gap(keys)
        raise Refused(Code.RETRY, "Others are changing the same; nothing more was done.", _RETRY_MS)

    def _decide(
        self, keys: Iterable[str], found: dict[str, StateT], step: Step[StateT]
    ) -> list[tuple[StateT | None, StateT]]:
        now = self._now()
        changes: list[tuple[StateT | None, StateT]] = []
        for key in keys:
            before = found.get(key)
            after = step(key, before)
            if after is not None and after is not before:
                same = before is not None and self._same(before, after)
                rev = after.rev if same else max(after.rev + 1, now)
                changes.append((before, replace(after, rev=rev, writes=after.writes + 1)))
        return changes

    async def _write(self, changes: list[tuple[StateT | None, StateT]]) -> bool:
        try:
            return await self._records.write(changes)
        except BaseException:  # also when cancelled: it may have been stored, and nobody will tell
            self._gap(after.key for _, after in changes)
            raise

    def _tell_of(self, changes: list[tuple[StateT | None, StateT]], raced: set[str], found: dict[str, StateT]) -> None:
        """What was raced for is told as it stands: which of our writes got through is not known."""
        changed = {after.key for before, after in changes if before is None or before.rev != after.rev}
        self._tell(found[key] for key in sorted(changed | raced) if key in found)

    def _gap(self, keys: Iterable[str]) -> None:
        for site in {key.partition("/")[0] for key in keys}:
            self._say_gap(site)


def visitors_settler(
    records: Records[Visitor], deltas: Deltas, now: Callable[[], int], metrics: Metrics
) -> OptimisticUpdater[Visitor]:
    """Tells of what shows in a row."""
    return OptimisticUpdater(
        "visitor",
        records,
        tell=deltas.say_visitors,
        same=lambda before, after: row_of(before) == row_of(after),
        say_gap=deltas.say_gap,
        now=now,
        metrics=metrics,
    )


def agents_settler(
    records: Records[Agent], deltas: Deltas, now: Callable[[], int], metrics: Metrics
) -> OptimisticUpdater[Agent]:
    """Tells of what others see of an agent."""
    return OptimisticUpdater(
        "agent",
        records,
        tell=deltas.say_agents,
        same=lambda before, after: availability_of(before) == availability_of(after),
        say_gap=deltas.say_gap,
        now=now,
        metrics=metrics,
    )
