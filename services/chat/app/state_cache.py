"""The states of conversations: the last ones known, and how they are brought up to the log.

What is known is always a state that a majority has, though perhaps not the newest: another process may have appended. So a known state
is good enough to try an append on, never to refuse one; whoever needs the truth asks for a refresh.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from kit.batching import Batcher
from kit.codes import Code, Refused
from services.chat.domain.log import Entry, State, fold
from services.chat.ports import ConversationStore

# About 1.5 KB each; more conversations than one process has going at once.
KNOWN_BOUND = 20_000
# Two indexed reads.
READ_TIMEOUT_S = 8.0


class StateCache:
    """The least recently used are forgotten past the bound."""

    def __init__(self, store: ConversationStore, bound: int = KNOWN_BOUND) -> None:
        self._store = store
        self._bound = bound
        self._known: OrderedDict[str, State] = OrderedDict()
        self._reads: Batcher[str, State] = Batcher(self._read, timeout_s=READ_TIMEOUT_S)

    def __len__(self) -> int:
        return len(self._known)

    async def run(self) -> None:
        """Reads for those who ask, until cancelled."""
        await self._reads.run()

    def known(self, conversation: str) -> State | None:
        """The state as last heard of."""
        state = self._known.get(conversation)
        if state is not None:
            self._known.move_to_end(conversation)
        return state

    def learn(self, state: State) -> State:
        """Takes a state in that a majority has; gives the newest one known."""
        known = self._known.get(state.conversation)
        if known is not None and known.head >= state.head:
            return known
        self._known[state.conversation] = state
        self._known.move_to_end(state.conversation)
        while len(self._known) > self._bound:
            self._known.popitem(last=False)
        return state

    def forget(self, conversation: str) -> None:
        """The next one who needs it reads it."""
        self._known.pop(conversation, None)

    async def refresh(self, conversation: str) -> State:
        """The state as of now or later; Refused(not_found) when there is no such conversation."""
        return await self._reads.submit(conversation)

    async def caught_up(self, states: Iterable[State]) -> dict[str, State]:
        """These states with what the log has after them."""
        newest = {state.conversation: self._newer(state) for state in states}
        growing = {key: state.head for key, state in newest.items() if state.open}
        entries = await self._store.entries_after(growing) if growing else []
        return fold_all(newest, entries)

    def _newer(self, state: State) -> State:
        known = self._known.get(state.conversation)
        return known if known is not None and known.head > state.head else state

    async def _read(self, conversations: Sequence[str]) -> list[State | Exception]:
        wanted = set(conversations)
        states = {key: state for key in wanted if (state := self.known(key)) is not None}
        unknown = [key for key in wanted if key not in states]
        if unknown:
            states.update({record.state.conversation: record.state for record in await self._store.records(unknown)})
        for state in (await self.caught_up(states.values())).values():
            states[state.conversation] = self.learn(state)
        missing = Refused(Code.NOT_FOUND, "There is no such conversation.")
        return [states.get(key, missing) for key in conversations]


def fold_all(states: dict[str, State], entries: Iterable[Entry]) -> dict[str, State]:
    """Each state with its entries folded onto it; entries come in order within a conversation."""
    after = dict(states)
    for entry in entries:
        after[entry.conversation] = fold(after[entry.conversation], entry)
    return after
