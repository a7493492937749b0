"""LRU cache of conversation states, and how a state catches up with its log.

A cached state is always one that a majority has. It may be old, because another process may have appended. So a cached state can be used
to try an append, never to refuse one: callers that need the current state call `refresh`.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from kit.batching import Batcher
from services.chat.domain.commands import not_found
from services.chat.domain.log import Entry, State, fold
from services.chat.ports import ConversationStore

# About 1.5 KB each; more conversations than one process has active at once.
MAX_STATES = 20_000
# Two indexed reads.
READ_TIMEOUT_S = 8.0


class StateCache:
    """Evicts the least recently used states past `max_states`. `run` must be running."""

    def __init__(self, store: ConversationStore, max_states: int = MAX_STATES) -> None:
        self._store = store
        self._max_states = max_states
        self._states: OrderedDict[str, State] = OrderedDict()
        self._reads: Batcher[str, State] = Batcher(self._read, timeout_s=READ_TIMEOUT_S)

    def __len__(self) -> int:
        return len(self._states)

    async def run(self) -> None:
        """Reads states until cancelled."""
        await self._reads.run()

    def get(self, conversation_id: str) -> State | None:
        """The cached state, possibly old."""
        state = self._states.get(conversation_id)
        if state is not None:
            self._states.move_to_end(conversation_id)
        return state

    def put(self, state: State) -> State:
        """Caches a state that a majority has, and returns the newest one known."""
        known = self._states.get(state.id)
        if known is not None and known.head >= state.head:
            return known
        self._states[state.id] = state
        self._states.move_to_end(state.id)
        while len(self._states) > self._max_states:
            self._states.popitem(last=False)
        return state

    def discard(self, conversation_id: str) -> None:
        """Forces the next caller to read the state."""
        self._states.pop(conversation_id, None)

    async def refresh(self, conversation_id: str) -> State:
        """The state as of this call or later; Refused(not_found) when there is no such conversation."""
        return await self._reads.submit(conversation_id)

    async def catch_up(self, states: Iterable[State]) -> dict[str, State]:
        """These states with the later entries of their logs, by id."""
        newest = {state.id: self._newer(state) for state in states}
        growing = {key: state.head for key, state in newest.items() if state.open}
        entries = await self._store.entries_after(growing) if growing else []
        return fold_all(newest, entries)

    def _newer(self, state: State) -> State:
        known = self._states.get(state.id)
        return known if known is not None and known.head > state.head else state

    async def _read(self, conversation_ids: Sequence[str]) -> list[State | Exception]:
        wanted = set(conversation_ids)
        states = {key: state for key in wanted if (state := self.get(key)) is not None}
        uncached = [key for key in wanted if key not in states]
        if uncached:
            states.update({record.state.id: record.state for record in await self._store.records(uncached)})
        for state in (await self.catch_up(states.values())).values():
            states[state.id] = self.put(state)
        missing = not_found()
        return [states.get(key, missing) for key in conversation_ids]


def fold_all(states: dict[str, State], entries: Iterable[Entry]) -> dict[str, State]:
    """Each state with its entries applied; entries must be in order within a conversation."""
    after = dict(states)
    for entry in entries:
        after[entry.conversation_id] = fold(after[entry.conversation_id], entry)
    return after
