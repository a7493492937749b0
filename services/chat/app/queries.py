"""Use cases that read: pages of logs, states, lists, and sync after missed hints.

Lists come from the documents, and the missing entries of the logs are applied to them, so a document that is behind never shows.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import may_see, not_found
from services.chat.domain.log import CLOSED, WAITING, Entry, Person, State
from services.chat.domain.search_hit import SearchHit, candidate_seqs, search_hit
from services.chat.ports import (
    ConversationRecord,
    ConversationStore,
    ListFilters,
    ListPosition,
    LogHead,
    SearchIndex,
    SearchMatch,
)


class LogPage(NamedTuple):
    """Entries in order; `head` is that of the log."""

    epoch: int
    head: int
    entries: Sequence[Entry]

    @property
    def more(self) -> bool:
        return bool(self.entries) and self.entries[-1].seq < self.head


class SyncResult(NamedTuple):
    """What a gateway needs after it may have missed hints."""

    heads: Mapping[str, LogHead]
    conversations: Sequence[ConversationRecord]
    waiting: Sequence[ConversationRecord]


class ListPage(NamedTuple):
    """A page of a list, and the start of the next. `capped`: a search stopped at its bound before the page was full."""

    records: Sequence[ConversationRecord]
    next: ListPosition | None
    capped: bool = False
    hits: Sequence[SearchHit] = ()


class ConversationQueries:
    """Every method may raise Refused(unavailable); Refused(not_found) also hides what the reader may not see."""

    def __init__(self, store: ConversationStore, search_index: SearchIndex, state_cache: StateCache) -> None:
        self._store = store
        self._search_index = search_index
        self._state_cache = state_cache

    async def state(self, conversation_id: str) -> State:
        """The current state of the log."""
        return await self._state_cache.refresh(conversation_id)

    async def fetch(self, site: str, conversation_id: str, reader: Person, after: int, limit: int) -> LogPage:
        """A page of the log after a seq. Notes are in it: the RPC layer hides them from visitors."""
        state = await self._visible(site, conversation_id, reader)
        entries = await self._store.log_page(conversation_id, after, limit)
        return LogPage(state.epoch, max([state.head, *(entry.seq for entry in entries[-1:])]), entries)

    async def conversation(self, site: str, conversation_id: str, reader: Person) -> ConversationRecord:
        """One conversation, with its read marks."""
        await self._visible(site, conversation_id, reader)
        return await self.record(conversation_id)

    async def record(self, conversation_id: str) -> ConversationRecord:
        """As `conversation`, for a caller that has checked access."""
        found = await self._store.records([conversation_id])
        if not found:
            raise not_found()
        return found[0]._replace(state=await self._state_cache.refresh(conversation_id))

    async def sync(
        self,
        site: str,
        cursors: Mapping[str, int],
        visitor_ids: Sequence[str],
        agent_ids: Sequence[str],
        *,
        waiting: bool,
    ) -> SyncResult:
        """The logs that grew past their cursors, and the open conversations of these visitors and agents.

        The conversations are as of now, because a session starts from them. Heads may be a moment old: cursors are asked for again anyway.
        """
        if visitor_ids or agent_ids:
            await self._store.confirm_primary()
        heads = await self._store.heads_ahead(site, cursors) if cursors else {}
        found = [*await self._of_visitors(site, visitor_ids), *await self._of_agents(site, agent_ids)]
        unique = {record.state.id: record for record in found}
        queue = await self._caught_up(await self._store.waiting(site), _is_waiting) if waiting else []
        return SyncResult(heads, list(unique.values()), queue)

    async def open_by_status(self, site: str) -> Mapping[str, int]:
        """Counts of the site's open conversations. A projection that is behind may count a conversation that has just ended."""
        return await self._store.open_by_status(site)

    async def list_page(
        self, filters: ListFilters, after: ListPosition | None, limit: int, reader: Person | None = None
    ) -> ListPage:
        """A page of a list, newest first. A search has the hits that `reader` may see."""
        if filters.search_terms:
            return await self._search(filters, after, limit, reader)
        found = await self._store.list_page(filters, after, limit + 1)

        def fits(state: State) -> bool:
            return not filters.status or state.status == filters.status

        return ListPage(await self._caught_up(found[:limit], fits), _next_position(found, limit))

    async def _search(
        self, filters: ListFilters, after: ListPosition | None, limit: int, reader: Person | None
    ) -> ListPage:
        """Finds closed conversations only, so no log has grown since."""
        found = await self._search_index.search(filters, after, limit + 1)
        records = [match.record for match in found.matches]
        following = found.stopped_at or _next_position(records, limit)
        hits = await self._hits(filters, found.matches[:limit], reader) if reader else ()
        return ListPage(records[:limit], following, found.stopped_at is not None, hits)

    async def _hits(self, filters: ListFilters, matches: Sequence[SearchMatch], reader: Person) -> list[SearchHit]:
        places = [(match.record.state.id, seq) for match in matches for seq in candidate_seqs(match.seqs)]
        candidates: dict[str, list[Entry]] = {}
        for entry in await self._store.entries_at(places):
            candidates.setdefault(entry.conversation_id, []).append(entry)
        hits: list[SearchHit] = []
        for match in matches:
            state = match.record.state
            hit = search_hit(filters.site, state, reader, candidates.get(state.id, ()), filters.search_terms)
            if hit:
                hits.append(hit)
            # Long texts take milliseconds each; other calls run between them.
            await asyncio.sleep(0)
        return hits

    async def _visible(self, site: str, conversation_id: str, reader: Person) -> State:
        state = await self._state_cache.refresh(conversation_id)
        if state.head == 0 or not may_see(state, site, reader):
            raise not_found()
        return state

    async def _of_visitors(self, site: str, visitor_ids: Sequence[str]) -> list[ConversationRecord]:
        if not visitor_ids:
            return []
        opened = await self._caught_up(await self._store.open_of_visitors(site, visitor_ids), _has_begun)
        # A document that is still open with a closed log counts as the newest closed conversation.
        without = set(visitor_ids) - {record.state.visitor.id for record in opened}
        closed = await self._store.newest_closed(site, sorted(without)) if without else []
        return [*opened, *closed]

    async def _of_agents(self, site: str, agent_ids: Sequence[str]) -> list[ConversationRecord]:
        if not agent_ids:
            return []
        return await self._caught_up(await self._store.open_of_agents(site, agent_ids), _is_open)

    async def _caught_up(
        self, records: Iterable[ConversationRecord], fits: Callable[[State], bool]
    ) -> list[ConversationRecord]:
        kept = list(records)
        states = await self._state_cache.catch_up(record.state for record in kept)
        newest = [record._replace(state=states[record.state.id]) for record in kept]
        return [record for record in newest if fits(record.state)]


def _next_position(found: Sequence[ConversationRecord], limit: int) -> ListPosition | None:
    """Position of the last record of a page, when more were found than fit."""
    if len(found) <= limit:
        return None
    last = found[limit - 1].state
    return ListPosition(last.started_at_ms, last.id)


def _has_begun(state: State) -> bool:
    return state.head > 0


def _is_open(state: State) -> bool:
    return state.status != CLOSED


def _is_waiting(state: State) -> bool:
    return state.status == WAITING
