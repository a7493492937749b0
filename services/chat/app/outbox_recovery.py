"""Making good what a process did not finish after an append: it died, or never knew the outcome.

The flag of a fact covers the document and the hint too: all three follow the insert, and the flag goes down last.
"""

import asyncio
from collections.abc import Sequence

from kit.runtime.logs import Log
from services.chat.app.state_cache import StateCache
from services.chat.domain.log import Entry
from services.chat.ports import ConversationStore, Hints


class OutboxRecovery:
    """Whoever's entries they are: every process sweeps, and doing it twice does no harm."""

    def __init__(self, store: ConversationStore, folds: StateCache, hints: Hints, *, log: Log) -> None:
        self._store = store
        self._folds = folds
        self._hints = hints
        self._log = log

    async def left(self, before_ms: int, limit: int) -> Sequence[Entry]:
        """Facts whose flag is still up, oldest first: their documents and hints are made good, publishing is the caller's."""
        entries = await self._store.unconfirmed(before_ms, limit)
        refreshed = await asyncio.gather(*(self._folds.refresh(key) for key in {one.conversation for one in entries}))
        states = {state.conversation: state for state in refreshed}
        if states:
            await self._store.project(refreshed)
        for entry in entries:
            self._log.info("a fact is made good", conversation=entry.conversation, seq=entry.seq, kind=entry.kind)
            self._hints.entry(entry, states[entry.conversation], "")
        return entries
