"""A visitor's one open conversation: found, or opened.

Always true: a visitor has one open conversation at most, since the index over open documents admits one, and a document opens before its
log's first entry and closes after its last. So a crash leaves a document without a log, or an open one whose log is closed; whoever comes
next makes either good.
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
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore


class GeoPlace(NamedTuple):
    """Where the visitor is when a conversation opens: a country's code and a region's name."""

    country: str
    region: str


class Opened(NamedTuple):
    """The visitor's conversation; `made`: by this call."""

    state: State
    made: bool


class ConversationOpener:
    """Finds and opens conversations by visitor."""

    def __init__(
        self,
        store: ConversationStore,
        folds: StateCache,
        appender: Appender,
        projector: Projection,
        *,
        now: Callable[[], int],
        new_id: Callable[[], str],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
    ) -> None:
        self._store = store
        self._reserve_document = failpoints.around(store.reserve, after="open.after_reserve")
        self._folds = folds
        self._appender = appender
        self._projector = projector
        self._now = now
        self._new_id = new_id
        self._log = log
        self._metrics = metrics

    async def open_for(self, site: str, visitor: Person, by: Person, place: GeoPlace) -> Opened:
        """The visitor's open conversation, its first entry written."""
        tries = Backoff(time.monotonic())
        while await tries.again():
            found = await self._existing(site, visitor.id)
            state = found or await self._reserve(site, visitor, by, place)
            if state is not None:
                return Opened(await self._begun(state), made=found is None)
        raise _busy()

    async def write(self, command: Write, place: GeoPlace, origin: str) -> Appended:
        """Appends to the open conversation of the visitor who writes; the same client id again, in whichever conversation, gives the first."""
        tries = Backoff(time.monotonic())
        while await tries.again():
            state = await self._existing(command.site, command.by.id)
            if state is None and (first := await self._first_of(command, origin)):
                return first  # without opening one for nothing
            state = state or await self._reserve(command.site, command.by, command.by, place)
            if state is None:
                continue
            # Looked up only when the one open conversation is known: all before it are closed for good, so a message that is not in
            # them will never be. An earlier look alone could miss what another process appends meanwhile.
            if first := await self._first_of(command, origin):
                return first
            appended = await self._append(state, command, origin)
            if appended is not None:
                return appended
        raise _busy()

    async def _append(self, state: State, command: Write, origin: str) -> Appended | None:
        """None when it was closed meanwhile."""
        begun = await self._begun(state)
        try:
            return await self._appender.append(begun.conversation, command, origin)
        except Refused as refused:
            if refused.code is Code.CLOSED:
                return None
            raise

    async def _first_of(self, command: Write, origin: str) -> Appended | None:
        entry = await self._store.entry_anywhere(command.site, command.by, command.client_id)
        return await self._appender.as_duplicate(entry, origin) if entry else None

    async def _existing(self, site: str, visitor: str) -> State | None:
        found = await self._store.open_of_visitor(site, visitor)
        if found is None:
            return None
        state = await self._folds.refresh(found.conversation)
        if state.status != CLOSED:
            return state
        self._log.info("a document was behind its closed log", conversation=state.conversation)
        await self._projector.now(state)
        return None

    async def _reserve(self, site: str, visitor: Person, by: Person, place: GeoPlace) -> State | None:
        """None when somebody else's came first."""
        state = State(
            site=site,
            conversation=self._new_id(),
            visitor=visitor,
            opened_by=by,
            started_at_ms=self._now(),
            country=place.country,
            region=place.region,
        )
        return self._folds.learn(state) if await self._reserve_document(state) else None

    async def _begun(self, state: State) -> State:
        if state.status != RESERVED:
            return state
        appended = await self._appender.append(state.conversation, Open(state.site, state.opened_by))
        if appended.entry is not None:
            self._metrics.opened.labels(state.started_by).inc()
            self._log.info("a conversation opened", conversation=state.conversation, site=state.site)
        return appended.state


def _busy() -> Refused:
    return Refused(Code.RETRY, "The visitor's conversation is being opened elsewhere.", retry_ms=RETRY_MS)
