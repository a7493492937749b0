"""Read marks: the last seq that each reader has read. A mark never falls and never passes the head."""

import asyncio
from collections.abc import Sequence

from kit.batching import Batcher
from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import may_see, not_found
from services.chat.domain.log import State
from services.chat.ports import ConversationStore, Hints, ReadMark

WRITE_TIMEOUT_S = 8.0


class ReadMarks:
    """Batches the marks of all callers into one write at a time."""

    def __init__(self, store: ConversationStore, state_cache: StateCache, hints: Hints) -> None:
        self._store = store
        self._state_cache = state_cache
        self._hints = hints
        self._writes: Batcher[ReadMark, bool] = Batcher(self._write, timeout_s=WRITE_TIMEOUT_S)

    def __len__(self) -> int:
        """Marks that wait for the next write."""
        return len(self._writes)

    async def run(self) -> None:
        """Writes until cancelled."""
        await self._writes.run()

    async def raise_mark(self, site: str, mark: ReadMark) -> None:
        """Raises the mark, or ignores a lower one; Refused(not_found) when the reader may not see the conversation."""
        state = await self._visible(site, mark)
        mark = mark._replace(seq=min(mark.seq, state.head))
        if await self._writes.submit(mark, key=(mark.conversation_id, mark.reader.kind, mark.reader.id)):
            self._hints.mark_raised(state, mark.reader, mark.seq)

    async def raise_marks(self, site: str, marks: Sequence[ReadMark]) -> None:
        """Raises each mark independently; the first refusal is raised after all are done."""
        results = await asyncio.gather(*(self.raise_mark(site, mark) for mark in marks), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _visible(self, site: str, mark: ReadMark) -> State:
        state = self._state_cache.get(mark.conversation_id)
        if state is None or state.head < mark.seq:
            state = await self._state_cache.refresh(mark.conversation_id)
        if state.head == 0 or not may_see(state, site, mark.reader):
            raise not_found()
        return state

    async def _write(self, marks: Sequence[ReadMark]) -> list[bool]:
        return await self._store.raise_marks(marks)
