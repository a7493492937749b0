"""Bringing the documents that lists read up to the log: changes of state at once, counts of messages once a second.

A document never falls back, so writes may overtake one another; one that is behind is caught up by every reader and at the next write.
"""

import asyncio
from collections.abc import Sequence

from kit.batching import Batcher
from kit.runtime.logs import Log
from services.chat.domain.log import State
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore

WRITE_TIMEOUT_S = 8.0
# A conversation that talks costs one small write in this time, however much is said; readers catch up by themselves.
COUNTS_EVERY_S = 1.0
# One statement's worth.
CHUNK = 500
# With the database away for long: past this, counts wait for the next reader.
DIRTY_BOUND = 50_000


class Projection:
    """Writes states to the documents of their conversations."""

    def __init__(self, store: ConversationStore, *, log: Log, metrics: Metrics) -> None:
        self._store = store
        self._log = log
        self._writes: Batcher[State, None] = Batcher(self._write, timeout_s=WRITE_TIMEOUT_S)
        self._dirty: dict[str, State] = {}
        metrics.projections_waiting.set_function(lambda: len(self._dirty) + len(self._writes))

    async def now(self, state: State) -> None:
        """Returns when the document is at `state` or past it; Refused when that failed."""
        await self._writes.submit(state, key=state.conversation)
        dirty = self._dirty.get(state.conversation)
        if dirty is not None and dirty.head <= state.head:
            del self._dirty[state.conversation]

    def soon(self, state: State) -> None:
        """Within about a second, if the database is there."""
        if state.conversation in self._dirty or len(self._dirty) < DIRTY_BOUND:
            self._dirty[state.conversation] = state

    async def run(self) -> None:
        """Writes until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._writes.run())
            group.create_task(self._flush_forever())

    async def flush(self) -> None:
        """Writes the counts that wait; what fails waits on."""
        while self._dirty:
            chunk = [self._dirty[key] for key in list(self._dirty)[:CHUNK]]
            await self._store.project(chunk)
            for state in chunk:
                if self._dirty.get(state.conversation) is state:
                    del self._dirty[state.conversation]

    async def _flush_forever(self) -> None:
        while True:
            await asyncio.sleep(COUNTS_EVERY_S)
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - the database is away, or something is wrong: the next round tells
                self._log.warning("counts of messages could not be written", error=repr(error))

    async def _write(self, states: Sequence[State]) -> list[Exception | None]:
        await self._store.project(states)
        return [None] * len(states)
