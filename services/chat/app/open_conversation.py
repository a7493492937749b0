"""Finds or opens the one open conversation of a visitor.

Invariants: a visitor has at most one open conversation, by the unique index over open documents. A document is written before the first entry of
its log and closed after the last one. So a crash leaves a document without a log, or an open document with a closed log; the next caller repairs both.
"""

import time
from collections.abc import Callable
from typing import NamedTuple

from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from kit.runtime.logs import Log
from services.chat.app.append import RETRY_MS, Appended, Appender
from services.chat.app.backoff import Backoff
from services.chat.app.projection import Projection
from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import Open, Write
from services.chat.domain.log import CLOSED, RESERVED, Person, State
from services.chat.domain.start_limit import StartLimit
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore


class GeoPlace(NamedTuple):
    """Location of the visitor when the conversation opens: country code and name of the region."""

    country: str
    region: str


class Opened(NamedTuple):
    """The visitor's conversation; `is_new`: this call opened it."""

    state: State
    is_new: bool


class ConversationOpener:
    """Finds and opens conversations by visitor."""

    def __init__(
        self,
        store: ConversationStore,
        state_cache: StateCache,
        appender: Appender,
        projection: Projection,
        *,
        start_limit: StartLimit,
        now: Callable[[], int],
        new_id: Callable[[], str],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
    ) -> None:
        self._store = store
        self._reserve_document = failpoints.around(store.reserve, after="open.after_reserve")
        self._state_cache = state_cache
        self._appender = appender
        self._projection = projection
        self._start_limit = start_limit
        self._now = now
        self._new_id = new_id
        self._log = log
        self._metrics = metrics

    async def open_for(self, site: str, visitor: Person, by: Person, place: GeoPlace) -> Opened:
        """The visitor's open conversation, with its first entry written."""
        backoff = Backoff(time.monotonic())
        while await backoff.next_attempt():
            found = await self._find_open(site, visitor.id)
            state = found or await self._reserve(site, visitor, by, place)
            if state is not None:
                return Opened(await self._ensure_first_entry(state), is_new=found is None)
        raise _busy()

    async def append(self, command: Write, place: GeoPlace, origin: str) -> Appended:
        """Appends to the author's open conversation. A client id that exists in any conversation returns the first entry."""
        backoff = Backoff(time.monotonic())
        while await backoff.next_attempt():
            state = await self._find_open(command.site, command.by.id)
            if state is None and (first := await self._find_duplicate(command, origin)):
                return first  # opens no conversation for a duplicate
            state = state or await self._reserve(command.site, command.by, command.by, place)
            if state is None:
                continue
            # Looked up after the open conversation is known: all earlier ones are closed for good, so a message that is not in them
            # never will be. The lookup above alone could miss an entry that another process appends meanwhile.
            if first := await self._find_duplicate(command, origin):
                return first
            appended = await self._append_to(state, command, origin)
            if appended is not None:
                return appended
        raise _busy()

    async def _append_to(self, state: State, command: Write, origin: str) -> Appended | None:
        """None when the conversation was closed meanwhile."""
        begun = await self._ensure_first_entry(state)
        try:
            return await self._appender.append(begun.id, command, origin)
        except Refused as refused:
            if refused.code is Code.CLOSED:
                return None
            raise

    async def _find_duplicate(self, command: Write, origin: str) -> Appended | None:
        entry = await self._store.entry_in_any_conversation(command.site, command.by, command.client_id)
        return await self._appender.as_duplicate(entry, origin) if entry else None

    async def _find_open(self, site: str, visitor_id: str) -> State | None:
        found = await self._store.open_of_visitor(site, visitor_id)
        if found is None:
            return None
        state = await self._state_cache.refresh(found.id)
        if state.status != CLOSED:
            return state
        self._log.info("projection repaired", conversation=state.id)
        await self._projection.write(state)
        return None

    async def _reserve(self, site: str, visitor: Person, by: Person, place: GeoPlace) -> State | None:
        """None when another caller opened one first. Refused(too_fast) for a visitor that has started too many."""
        if by.kind == "visitor":
            await self._check_start_limit(site, by)
        state = State(
            site=site,
            id=self._new_id(),
            visitor=visitor,
            opened_by=by,
            started_at_ms=self._now(),
            country=place.country,
            region=place.region,
        )
        return self._state_cache.put(state) if await self._reserve_document(state) else None

    async def _check_start_limit(self, site: str, visitor: Person) -> None:
        limit, now_ms = self._start_limit, self._now()
        starts = await self._store.newest_starts(site, visitor.id, now_ms - limit.window_ms, limit.starts)
        wait_ms = limit.wait_ms(starts, now_ms)
        if wait_ms:
            self._metrics.outcomes.labels(str(Code.TOO_FAST)).inc()
            raise Refused(Code.TOO_FAST, f"Too many new chats; try again in {wait_ms} ms.", wait_ms)

    async def _ensure_first_entry(self, state: State) -> State:
        if state.status != RESERVED:
            return state
        appended = await self._appender.append(state.id, Open(state.site, state.opened_by))
        if appended.entry is not None:
            self._metrics.opened.labels(state.started_by).inc()
            self._log.info("conversation opened", conversation=state.id, site=state.site)
        return appended.state


def _busy() -> Refused:
    return Refused(Code.RETRY, "The visitor's conversation is being opened by another call.", retry_ms=RETRY_MS)
