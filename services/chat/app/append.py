"""The one write that matters: an entry at tail + 1, on a majority before anybody is told of it.

Always true, with any number of processes at once:
* one entry a seq, without holes: a writer knows the entry at its tail to be on a majority, and the id of the next is unique;
* one entry a client id of an author in a conversation: the index says so, and the answer is the first one's seq;
* a command was decided on the very state that its entry follows: the insert is the compare-and-set.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

from kit.batching import Batcher
from kit.codes import Code, Refused
from kit.failpoints import Failpoints
from kit.runtime.logs import Log
from services.chat.app.backoff import Backoff
from services.chat.app.post_commit import Committed, PostCommit
from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import Command, Write, decide
from services.chat.domain.log import Entry, State, fold
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore, Insert

# Longer than the database waits for its majority (5 s), so that it is mostly the database who says what became of an insert.
INSERT_TIMEOUT_S = 6.0
RETRY_MS = 1000


class Appended(NamedTuple):
    """What a command came to. `entry` is None when there was nothing to do; `duplicate`: it was there before this call."""

    state: State
    entry: Entry | None
    duplicate: bool = False


# Takes what a command came to.
Settle = Callable[[Appended | Exception], None]


class _Work(NamedTuple):
    conversation: str
    command: Command
    origin: str
    started_s: float


class _Try(NamedTuple):
    position: int
    base: State
    entry: Entry


class _Missed(Enum):
    UNDECIDED = "undecided"  # the known state has no entry for it: only the newest may say so
    TAIL_TAKEN = "tail_taken"
    CLIENT_ID_TAKEN = "client_id_taken"
    UNKNOWN = "unknown"


_MISSED = {
    Insert.TAIL_TAKEN: _Missed.TAIL_TAKEN,
    Insert.CLIENT_ID_TAKEN: _Missed.CLIENT_ID_TAKEN,
    Insert.UNKNOWN: _Missed.UNKNOWN,
}


class Appender:
    """Batches appends of all callers into one insert at a time; entries of one conversation never share a batch."""

    def __init__(
        self,
        store: ConversationStore,
        folds: StateCache,
        aftermath: PostCommit,
        *,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
    ) -> None:
        self._store = store
        self._insert_entries = failpoints.around(
            store.insert_entries, before="append.before_insert", after="append.after_insert", failure=TimeoutError
        )
        self._folds = folds
        self._aftermath = aftermath
        self._now = now
        self._log = log
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()
        self._batcher: Batcher[_Work, Committed | _Missed] = Batcher(self._insert, timeout_s=INSERT_TIMEOUT_S)
        self._counted_appended = metrics.outcomes.labels("appended")
        self._counted_already = metrics.outcomes.labels("already")
        metrics.appends_waiting.set_function(lambda: len(self._batcher))

    async def run(self) -> None:
        """Inserts until cancelled."""
        await self._batcher.run()

    async def append(self, conversation: str, command: Command, origin: str = "") -> Appended:
        """Refused when it may not be; Refused(retry) when the outcome is unknown and the same may be asked again."""
        return await self._append(_Work(conversation, command, origin, time.monotonic()))

    def post(self, conversation: str, command: Command, origin: str, settle: Settle) -> None:
        """As `append`, without a task where the first try does it, as it nearly always does.

        `settle` is called once, and must not wait; with too many waiting already, this raises Refused instead.
        """
        work = _Work(conversation, command, origin, time.monotonic())
        if self._folds.known(conversation) is None:
            self.in_background(self._append(work), settle)
        else:
            self._batcher.post(work, partial(self._first_tried, work, settle), key=conversation)

    def in_background(self, work: Coroutine[Any, Any, Appended], settle: Settle) -> None:
        """Runs `work` and settles with what comes of it."""
        task = asyncio.create_task(_settled(work, settle))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _first_tried(self, work: _Work, settle: Settle, result: Committed | _Missed | Exception) -> None:
        if isinstance(result, Committed):
            settle(self._counted(Appended(result.state, result.entry), work))
        elif isinstance(result, _Missed | TimeoutError):
            self.in_background(self._append(work, _missed(result)), settle)
        else:
            settle(result)

    async def _append(self, work: _Work, missed: _Missed | None = None) -> Appended:
        try:
            return self._counted(await self._tried(work, missed), work)
        except Refused as refused:
            self._metrics.outcomes.labels(str(refused.code)).inc()
            self._metrics.append_seconds.observe(time.monotonic() - work.started_s)
            raise

    def _counted(self, appended: Appended, work: _Work) -> Appended:
        if not appended.duplicate:
            (self._counted_appended if appended.entry else self._counted_already).inc()
        self._metrics.append_seconds.observe(time.monotonic() - work.started_s)
        return appended

    async def _tried(self, work: _Work, missed: _Missed | None) -> Appended:
        tries = Backoff(work.started_s)
        while await tries.again():
            result = missed or await self._try(work)
            missed = None
            if isinstance(result, Committed):
                return Appended(result.state, result.entry)
            found = await self._after_miss(result, work)
            if found is not None:
                return found
        raise _unknown("The conversation is busy; nothing is known of the outcome.")

    async def _try(self, work: _Work) -> Committed | _Missed:
        if self._folds.known(work.conversation) is None:
            await self._folds.refresh(work.conversation)
        try:
            return await self._batcher.submit(work, key=work.conversation)
        except TimeoutError as error:
            return _missed(error)

    async def _after_miss(self, missed: _Missed, work: _Work) -> Appended | None:
        """What the truth says to it; None: try again."""
        if missed is _Missed.UNKNOWN:
            self._folds.forget(work.conversation)
            self._aftermath.unknown()
            self._log.warning("the outcome of an append is unknown", conversation=work.conversation)
            raise _unknown("The outcome is unknown; send the same again.")
        if missed is _Missed.CLIENT_ID_TAKEN:
            return await self._first_of(work)
        if missed is _Missed.TAIL_TAKEN:
            self._metrics.races_lost.inc()
        state = await self._folds.refresh(work.conversation)
        decision = decide(state, work.command, self._now())
        if isinstance(decision, Entry):
            return None
        if isinstance(decision, Refused):
            # What is there is never refused, whatever happened since.
            first = await self._first_of(work)
            if first is None:
                raise decision
            return first
        return Appended(state, None)

    async def _first_of(self, work: _Work) -> Appended | None:
        """The entry that this client id stands for already; None when no majority has one."""
        if not isinstance(work.command, Write):
            return None
        entry = await self._store.entry_by_client_id(work.command.by, work.command.client_id, work.conversation)
        if entry is None:
            return None
        return await self.as_duplicate(entry, work.origin)

    async def as_duplicate(self, entry: Entry, origin: str) -> Appended:
        """An entry that was there before. Its writer may have died before telling anybody, so readers are told again."""
        state = await self._folds.refresh(entry.conversation)
        self._aftermath.again(entry, state, origin)
        self._metrics.outcomes.labels("duplicate").inc()
        return Appended(state, entry, duplicate=True)

    async def _insert(self, works: Sequence[_Work]) -> list[Committed | _Missed | Exception]:
        results: list[Committed | _Missed | Exception] = [_Missed.UNDECIDED] * len(works)
        tries = self._decided(works)
        if not tries:
            return results
        self._metrics.batch_size.observe(len(tries))
        inserts = await self._insert_entries([one.entry for one in tries])
        committed = []
        for one, insert in zip(tries, inserts, strict=True):
            if insert is not Insert.DONE:
                results[one.position] = _MISSED[insert]
                continue
            # What is known may be past it by now, or forgotten; the entry follows what it was decided on.
            done = Committed(one.entry, fold(one.base, one.entry), works[one.position].origin)
            self._folds.learn(done.state)
            self._metrics.observe_service(one.base, done.state)
            committed.append(done)
            results[one.position] = done
        for kind, count in Counter(done.entry.kind for done in committed).items():
            self._metrics.appended.labels(kind).inc(count)
        self._aftermath.committed(committed)
        return results

    def _decided(self, works: Sequence[_Work]) -> list[_Try]:
        now_ms = self._now()
        tries = []
        for position, work in enumerate(works):
            base = self._folds.known(work.conversation)
            entry = decide(base, work.command, now_ms) if base else None
            if base and isinstance(entry, Entry):
                tries.append(_Try(position, base, entry))
        return tries


def _missed(result: _Missed | TimeoutError) -> _Missed:
    return _Missed.UNKNOWN if isinstance(result, TimeoutError) else result


async def _settled(work: Coroutine[Any, Any, Appended], settle: Settle) -> None:
    result: Appended | Exception
    try:
        result = await work
    except Exception as error:  # noqa: BLE001 - it belongs to whoever asked
        result = error
    settle(result)


def _unknown(message: str) -> Refused:
    return Refused(Code.RETRY, message, retry_ms=RETRY_MS)
