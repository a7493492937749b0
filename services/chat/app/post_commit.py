"""Post-commit work: update the projection, publish the hint, publish the fact. The acknowledgement does not wait for it.

A change of state is written to its document before its hint is published, so a reader that gets the hint and then reads a list finds the
change. Hints of one conversation keep the order of the log. After a crash the outbox sweeper repeats the work.
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
    """An entry that a majority has, and the state after it. `origin`: id of the connection that sent it."""

    entry: Entry
    state: State
    origin: str


class PostCommit:
    """`publish_fact` queues the fact of an entry and returns at once."""

    def __init__(
        self, projection: Projection, hints: Hints, *, publish_fact: Callable[[Entry], None], log: Log
    ) -> None:
        self._projection = projection
        self._hints = hints
        self._publish_fact = publish_fact
        self._log = log
        # By conversation, entries that wait for the document; the first of each is a change of state.
        self._pending: dict[str, list[Committed]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def committed(self, batch: Sequence[Committed]) -> None:
        """Starts the work for new entries; returns at once."""
        for commit in batch:
            conversation_id = commit.entry.conversation_id
            if conversation_id in self._pending:
                self._pending[conversation_id].append(commit)
            elif commit.entry.kind in TEXT_KINDS:
                self._hints.entry_appended(*commit)
                self._projection.write_later(commit.state)
            else:
                self._pending[conversation_id] = [commit]
                self._tasks[conversation_id] = asyncio.create_task(self._project_and_publish(conversation_id))

    def repeat(self, entry: Entry, state: State, origin: str) -> None:
        """Repeats hint and projection of an existing entry: its writer may have died before it published them."""
        self._hints.entry_appended(entry, state, origin)
        self._projection.write_later(state)

    def outcome_unknown(self) -> None:
        """An entry may have been inserted: leaves a gap in the hints, so that readers sync."""
        self._hints.skip_number()

    async def projected(self, conversation_id: str) -> None:
        """Returns when earlier changes of state are in the document, or their write failed.

        A caller that is answered after this finds its own change in the next list.
        """
        task = self._tasks.get(conversation_id)
        if task is not None:
            await asyncio.wait((task,))

    async def finish(self) -> None:
        """Waits for running work, at the end of the process."""
        while self._tasks:
            await asyncio.wait(self._tasks.values())

    async def _project_and_publish(self, conversation_id: str) -> None:
        pending = self._pending[conversation_id]
        projected = await self._project(pending[-1].state)
        while projected and pending[-1].state.head > projected.head and _changes_state(pending, projected):
            projected = await self._project(pending[-1].state)
        del self._pending[conversation_id]
        del self._tasks[conversation_id]
        for commit in pending:
            self._hints.entry_appended(*commit)
            if projected and commit.entry.kind in FACT_KINDS:
                self._publish_fact(commit.entry)
        if projected is None or projected.head < pending[-1].state.head:
            self._projection.write_later(pending[-1].state)

    async def _project(self, state: State) -> State | None:
        """None on failure: the outbox flags stay set, and the sweeper repeats the work."""
        try:
            await self._projection.write(state)
        except Exception as error:  # noqa: BLE001 - the hints that wait here must be published after any error
            self._log.warning("projection failed", conversation=state.id, error=repr(error))
            return None
        return state


def _changes_state(pending: Sequence[Committed], projected: State) -> bool:
    return any(commit.entry.seq > projected.head and commit.entry.kind not in TEXT_KINDS for commit in pending)
