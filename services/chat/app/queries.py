"""What callers can see: pages of logs, states, lists, and what they missed.

Lists come from the documents and are caught up with the log before they leave, so a crash between a log and its document shows to nobody.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from kit.codes import Code, Refused
from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import may_see
from services.chat.domain.log import CLOSED, WAITING, Entry, Person, State
from services.chat.ports import ConversationStore, Filters, Head, Position, Record, SearchIndex


class LogPage(NamedTuple):
    """Entries in order; `head` is the log's."""

    epoch: int
    head: int
    entries: Sequence[Entry]

    @property
    def more(self) -> bool:
        return bool(self.entries) and self.entries[-1].seq < self.head


class Missed(NamedTuple):
    """What somebody who was away asks for."""

    heads: Mapping[str, Head]
    conversations: Sequence[Record]
    waiting: Sequence[Record]


class Listed(NamedTuple):
    """A page of a list, and where the next one starts. `capped`: a search stopped at its bound before the page was full."""

    records: Sequence[Record]
    next: Position | None
    capped: bool = False


class ConversationQueries:
    """Every method may raise Refused(unavailable); whatever a reader may not see is Refused(not_found)."""

    def __init__(self, store: ConversationStore, words: SearchIndex, folds: StateCache) -> None:
        self._store = store
        self._words = words
        self._folds = folds

    async def state(self, conversation: str) -> State:
        """As the log has it now."""
        return await self._folds.refresh(conversation)

    async def fetch(self, site: str, conversation: str, reader: Person, after: int, limit: int) -> LogPage:
        """A page of the log after a seq."""
        state = await self._visible(site, conversation, reader)
        entries = await self._store.page(conversation, after, limit)
        return LogPage(state.epoch, max([state.head, *(entry.seq for entry in entries[-1:])]), entries)

    async def conversation(self, site: str, conversation: str, reader: Person) -> Record:
        """One conversation, with its marks."""
        await self._visible(site, conversation, reader)
        return await self.record(conversation)

    async def record(self, conversation: str) -> Record:
        """For whoever has proven that it is theirs to see."""
        found = await self._store.records([conversation])
        if not found:
            raise _missing()
        return found[0]._replace(state=await self._folds.refresh(conversation))

    async def missed(
        self, site: str, cursors: Mapping[str, int], visitors: Sequence[str], agents: Sequence[str], *, waiting: bool
    ) -> Missed:
        """The logs that grew past their cursors, and what is open for these people.

        What is theirs is as of now: from it somebody begins. A cursor that is answered from a moment ago is asked again anyway.
        """
        if visitors or agents:
            await self._store.up_to_now()
        heads = await self._store.heads_ahead(site, cursors) if cursors else {}
        theirs = [*await self._of_visitors(site, visitors), *await self._of_agents(site, agents)]
        unique = {record.state.conversation: record for record in theirs}
        queue = await self._caught_up(await self._store.waiting(site), _is_waiting) if waiting else []
        return Missed(heads, list(unique.values()), queue)

    async def matching(self, filters: Filters, after: Position | None, limit: int) -> Listed:
        """A page of a list."""
        if filters.words:
            return await self._searched(filters, after, limit)
        found = await self._store.matching(filters, after, limit + 1)

        def fits(state: State) -> bool:
            return not filters.status or state.status == filters.status

        return Listed(await self._caught_up(found[:limit], fits), _position(found, limit))

    async def _searched(self, filters: Filters, after: Position | None, limit: int) -> Listed:
        """Only closed ones are found, so none has grown since."""
        found = await self._words.searched(filters, after, limit + 1)
        following = found.reached or _position(found.records, limit)
        return Listed(found.records[:limit], following, capped=found.reached is not None)

    async def _visible(self, site: str, conversation: str, reader: Person) -> State:
        state = await self._folds.refresh(conversation)
        if state.head == 0 or not may_see(state, site, reader):
            raise _missing()
        return state

    async def _of_visitors(self, site: str, visitors: Sequence[str]) -> list[Record]:
        if not visitors:
            return []
        opened = await self._caught_up(await self._store.open_of_visitors(site, visitors), _has_begun)
        # One whose document is still open and whose log is closed is the newest closed one.
        without = set(visitors) - {record.state.visitor.id for record in opened}
        closed = await self._store.newest_closed(site, sorted(without)) if without else []
        return [*opened, *closed]

    async def _of_agents(self, site: str, agents: Sequence[str]) -> list[Record]:
        if not agents:
            return []
        return await self._caught_up(await self._store.open_of_agents(site, agents), _is_open)

    async def _caught_up(self, records: Iterable[Record], fits: Callable[[State], bool]) -> list[Record]:
        kept = list(records)
        states = await self._folds.caught_up(record.state for record in kept)
        newest = [record._replace(state=states[record.state.conversation]) for record in kept]
        return [record for record in newest if fits(record.state)]


def _position(found: Sequence[Record], limit: int) -> Position | None:
    """Of the last one of a page, when more were found than it takes."""
    if len(found) <= limit:
        return None
    last = found[limit - 1].state
    return Position(last.started_at_ms, last.conversation)


def _missing() -> Refused:
    return Refused(Code.NOT_FOUND, "There is no such conversation.")


def _has_begun(state: State) -> bool:
    return state.head > 0


def _is_open(state: State) -> bool:
    return state.status != CLOSED


def _is_waiting(state: State) -> bool:
    return state.status == WAITING
