"""Repeats the post-commit work of entries whose process died or never knew the outcome of its insert.

The outbox flag covers document, hint and fact: all three follow the insert, and the flag is cleared last.
"""

import asyncio
from collections.abc import Sequence

from kit.runtime.logs import Log
from services.chat.app.state_cache import StateCache
from services.chat.domain.log import Entry
from services.chat.ports import ConversationStore, Hints


class OutboxRecovery:
    """Every process sweeps the entries of all processes; repeated work does no harm."""

    def __init__(self, store: ConversationStore, state_cache: StateCache, hints: Hints, *, log: Log) -> None:
        self._store = store
        self._state_cache = state_cache
        self._hints = hints
        self._log = log

    async def recover(self, before_ms: int, limit: int) -> Sequence[Entry]:
        """Unpublished facts, oldest first. Their documents and hints are repeated here; the caller publishes the facts."""
        entries = await self._store.unpublished_facts(before_ms, limit)
        conversation_ids = {entry.conversation_id for entry in entries}
        refreshed = await asyncio.gather(*map(self._state_cache.refresh, conversation_ids))
        states = {state.id: state for state in refreshed}
        if states:
            await self._store.project(refreshed)
        for entry in entries:
            self._log.info("fact recovered", conversation=entry.conversation_id, seq=entry.seq, kind=entry.kind)
            self._hints.entry_appended(entry, states[entry.conversation_id], "")
        return entries
