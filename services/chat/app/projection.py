"""Writes states to the conversations' documents: changes of state at once, message counts once a second.

A document never goes back to an older state, so the order of writes does not matter. A document that is behind catches up at the next
write, and every reader applies the missing entries.
"""

import asyncio
from collections.abc import Sequence

from kit.batching import Batcher
from kit.runtime.logs import Log
from services.chat.domain.log import State
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore

WRITE_TIMEOUT_S = 8.0
# An active conversation costs one small write in this time, whatever its message rate.
FLUSH_INTERVAL_S = 1.0
# One bulk write.
FLUSH_BATCH = 500
# With the database away for long, further counts are left to the next reader.
MAX_DIRTY = 50_000


class Projection:
    """Brings the documents of conversations up to their logs."""

    def __init__(
        self,
        store: ConversationStore,
        *,
        log: Log,
        metrics: Metrics,
        flush_interval_s: float = FLUSH_INTERVAL_S,
    ) -> None:
        self._store = store
        self._log = log
        self._flush_interval_s = flush_interval_s
        self._writes: Batcher[State, None] = Batcher(self._write, timeout_s=WRITE_TIMEOUT_S)
        self._dirty: dict[str, State] = {}
        metrics.projections_waiting.set_function(lambda: len(self._dirty) + len(self._writes))

    async def write(self, state: State) -> None:
        """Returns when the document is at `state` or later; Refused on failure."""
        await self._writes.submit(state, key=state.id)
        dirty = self._dirty.get(state.id)
        if dirty is not None and dirty.head <= state.head:
            del self._dirty[state.id]

    def write_later(self, state: State) -> None:
        """Writes at the next flush."""
        if state.id in self._dirty or len(self._dirty) < MAX_DIRTY:
            self._dirty[state.id] = state

    async def run(self) -> None:
        """Writes until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._writes.run())
            group.create_task(self._flush_forever())

    async def flush(self) -> None:
        """Writes all states that wait; they stay queued when it fails."""
        while self._dirty:
            batch = [self._dirty[key] for key in list(self._dirty)[:FLUSH_BATCH]]
            await self._store.project(batch)
            for state in batch:
                if self._dirty.get(state.id) is state:
                    del self._dirty[state.id]

    async def _flush_forever(self) -> None:
        while True:
            await asyncio.sleep(self._flush_interval_s)
            try:
                await self.flush()
            except Exception as error:  # noqa: BLE001 - database away or a fault: the next round retries
                self._log.warning("projection flush failed", error=repr(error))

    async def _write(self, states: Sequence[State]) -> list[Exception | None]:
        await self._store.project(states)
        return [None] * len(states)
