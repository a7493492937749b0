"""What follows an append: the document, the hint to the gateways, the fact for other services. Never in the way of the acknowledgement.

A change of state reaches its document before anybody hears of it, so whoever is told and then reads a list finds it there. Hints of one
conversation keep the order of the log. What a crash cuts off here is made good by the sweeper.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from kit.runtime.logs import Log
from kit.vocabulary import FACT_KINDS, TEXT_KINDS
from services.chat.app.projection import Projection
from services.chat.domain.log import Entry, State
from services.chat.ports import Hints


class Committed(NamedTuple):
    """An entry that a majority has, and the state after it. `origin`: the connection that sent it."""

    entry: Entry
    state: State
    origin: str


class PostCommit:
    """`tell` takes the entry of a fact and returns at once."""

    def __init__(self, projector: Projection, hints: Hints, *, tell: Callable[[Entry], None], log: Log) -> None:
        self._projector = projector
        self._hints = hints
        self._tell = tell
        self._log = log
        # By conversation, what waits for its document; the first of each is a change of state.
        self._held: dict[str, list[Committed]] = {}
        self._settling: dict[str, asyncio.Task[None]] = {}

    def committed(self, batch: Sequence[Committed]) -> None:
        """Takes over what was appended; returns at once."""
        for one in batch:
            conversation = one.entry.conversation
            if conversation in self._held:
                self._held[conversation].append(one)
            elif one.entry.kind in TEXT_KINDS:
                self._hints.entry(*one)
                self._projector.soon(one.state)
            else:
                self._held[conversation] = [one]
                self._settling[conversation] = asyncio.create_task(self._settle(conversation))

    def again(self, entry: Entry, state: State, origin: str) -> None:
        """An entry was found that nobody may have heard of, as its writer never knew the outcome."""
        self._hints.entry(entry, state, origin)
        self._projector.soon(state)

    def unknown(self) -> None:
        """An entry may be there or not."""
        self._hints.missed()

    async def settled(self, conversation: str) -> None:
        """Returns when the changes of state so far are in the document, or that failed for now.

        For whoever is answered after it: what they list next shows what they did.
        """
        task = self._settling.get(conversation)
        if task is not None:
            await asyncio.wait((task,))

    async def finish(self) -> None:
        """Waits for what is under way: at the end of the process."""
        while self._settling:
            await asyncio.wait(self._settling.values())

    async def _settle(self, conversation: str) -> None:
        held = self._held[conversation]
        projected = await self._projected(held[-1].state)
        while projected and held[-1].state.head > projected.head and _changes_state(held, projected):
            projected = await self._projected(held[-1].state)
        del self._held[conversation]
        del self._settling[conversation]
        for one in held:
            self._hints.entry(*one)
            if projected and one.entry.kind in FACT_KINDS:
                self._tell(one.entry)
        if projected is None or projected.head < held[-1].state.head:
            self._projector.soon(held[-1].state)

    async def _projected(self, state: State) -> State | None:
        """None when it failed: the flags of the facts stay up, and the sweeper comes by."""
        try:
            await self._projector.now(state)
        except Exception as error:  # noqa: BLE001 - whatever it was, the hints that wait here must go out
            self._log.warning("a document could not be written", conversation=state.conversation, error=repr(error))
            return None
        return state


def _changes_state(held: Sequence[Committed], projected: State) -> bool:
    return any(one.entry.seq > projected.head and one.entry.kind not in TEXT_KINDS for one in held)
