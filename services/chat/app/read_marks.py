"""How far people have read. Marks never fall and never pass the head."""

import asyncio
from collections.abc import Sequence

from kit.batching import Batcher
from kit.codes import Code, Refused
from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import may_see
from services.chat.domain.log import State
from services.chat.ports import ConversationStore, Hints, Mark

WRITE_TIMEOUT_S = 8.0


class ReadMarks:
    """Batches marks of all callers into one write at a time."""

    def __init__(self, store: ConversationStore, folds: StateCache, hints: Hints) -> None:
        self._store = store
        self._folds = folds
        self._hints = hints
        self._writes: Batcher[Mark, bool] = Batcher(self._write, timeout_s=WRITE_TIMEOUT_S)

    def __len__(self) -> int:
        """Marks that wait for the next write."""
        return len(self._writes)

    async def run(self) -> None:
        """Writes until cancelled."""
        await self._writes.run()

    async def raise_mark(self, site: str, mark: Mark) -> None:
        """Raises it, or ignores a lower one; Refused(not_found) when the reader may not read there."""
        state = await self._visible(site, mark)
        mark = mark._replace(seq=min(mark.seq, state.head))
        if await self._writes.submit(mark, key=(mark.conversation, mark.reader.kind, mark.reader.id)):
            self._hints.read(state, mark.reader, mark.seq)

    async def raise_marks(self, site: str, marks: Sequence[Mark]) -> None:
        """Each by itself; the first refusal is raised when all are done."""
        results = await asyncio.gather(*(self.raise_mark(site, mark) for mark in marks), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _visible(self, site: str, mark: Mark) -> State:
        state = self._folds.known(mark.conversation)
        if state is None or state.head < mark.seq:
            state = await self._folds.refresh(mark.conversation)
        if state.head == 0 or not may_see(state, site, mark.reader):
            raise Refused(Code.NOT_FOUND, "There is no such conversation.")
        return state

    async def _write(self, marks: Sequence[Mark]) -> list[bool]:
        return await self._store.raise_marks(marks)
