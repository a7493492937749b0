"""Appends an entry at tail + 1; it is on a majority before the caller gets its acknowledgement.

Invariants, with any number of processes at once:
* one entry for each seq, without holes: the writer knows that a majority has the tail, and `_id` of the next entry is unique;
* one entry for each client id of an author in a conversation: a unique index; a duplicate gets the seq of the first entry;
* a command is decided on the state that its entry follows: the insert is the compare-and-set.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

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
from services.chat.ports import ConversationStore, InsertOutcome

# Longer than the database waits for a majority (5 s), so that the database normally reports the outcome of an insert.
INSERT_TIMEOUT_S = 6.0
RETRY_MS = 1000


class Appended(NamedTuple):
    """Result of a command. `entry` is None when nothing had to be done; `duplicate`: the entry existed before this call."""

    state: State
    entry: Entry | None
    duplicate: bool = False


Outcome = Appended | BaseException


class AppendRequest(NamedTuple):
    """`origin`: id of the connection that sent the command; `started_s` by `time.monotonic`."""

    conversation_id: str
    command: Command
    origin: str
    started_s: float


class _Attempt(NamedTuple):
    position: int
    base: State
    entry: Entry


class _Miss(Enum):
    """Why an attempt appended nothing, as far as is known."""

    UNDECIDED = "undecided"  # the cached state gives no entry; only the current state can decide
    TAIL_TAKEN = "tail_taken"
    CLIENT_ID_TAKEN = "client_id_taken"
    UNKNOWN = "unknown"


_MISSES = {
    InsertOutcome.TAIL_TAKEN: _Miss.TAIL_TAKEN,
    InsertOutcome.CLIENT_ID_TAKEN: _Miss.CLIENT_ID_TAKEN,
    InsertOutcome.UNKNOWN: _Miss.UNKNOWN,
}


class Appender:
    """Batches the appends of all callers into one insert at a time; entries of one conversation never share a batch."""

    def __init__(
        self,
        store: ConversationStore,
        state_cache: StateCache,
        post_commit: PostCommit,
        *,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
        failpoints: Failpoints,
        insert_timeout_s: float = INSERT_TIMEOUT_S,
    ) -> None:
        self._store = store
        self._insert_entries = failpoints.around(
            store.insert_entries, before="append.before_insert", after="append.after_insert", failure=TimeoutError
        )
        self._state_cache = state_cache
        self._post_commit = post_commit
        self._now = now
        self._log = log
        self._metrics = metrics
        self._batcher: Batcher[AppendRequest, Committed | _Miss] = Batcher(self._insert, timeout_s=insert_timeout_s)
        self._count_appended = metrics.outcomes.labels("appended").inc
        self._count_already = metrics.outcomes.labels("already").inc
        metrics.appends_waiting.set_function(lambda: len(self._batcher))

    async def run(self) -> None:
        """Inserts until cancelled."""
        await self._batcher.run()

    async def append(self, conversation_id: str, command: Command, origin: str = "") -> Appended:
        """Refused when the command is not allowed; Refused(retry) when the outcome is unknown and the same may be sent again."""
        return await self._append(AppendRequest(conversation_id, command, origin, time.monotonic()))

    async def append_each(self, requests: Sequence[AppendRequest]) -> list[Outcome]:
        """As `append` for requests to different conversations, concurrently; outcomes in their order.

        The first attempt of a request, which nearly always succeeds, costs one future. Only a missed one gets a task.
        """
        first = await asyncio.gather(*map(self._first_attempt, requests), return_exceptions=True)
        missed = {at: _miss(result) for at, result in enumerate(first) if isinstance(result, _Miss | TimeoutError)}
        retries = (self._append(requests[at], miss) for at, miss in missed.items())
        retried = dict(zip(missed, await asyncio.gather(*retries, return_exceptions=True), strict=True))
        return [
            self._counted(Appended(result.state, result.entry), request)
            if isinstance(result, Committed)
            else retried[at]
            if isinstance(result, _Miss | TimeoutError)
            else result
            for at, (request, result) in enumerate(zip(requests, first, strict=True))
        ]

    def _first_attempt(self, request: AppendRequest) -> asyncio.Future[Committed | _Miss]:
        try:
            return self._batcher.submit_nowait(request, key=request.conversation_id)
        except Refused as refused:  # too many requests wait, or the process stops
            failed: asyncio.Future[Committed | _Miss] = asyncio.get_running_loop().create_future()
            failed.set_exception(refused)
            return failed

    async def _append(self, request: AppendRequest, miss: _Miss | None = None) -> Appended:
        try:
            return self._counted(await self._append_with_retries(request, miss), request)
        except Refused as refused:
            self._metrics.outcomes.labels(str(refused.code)).inc()
            self._metrics.append_seconds.observe(time.monotonic() - request.started_s)
            raise

    def _counted(self, appended: Appended, request: AppendRequest) -> Appended:
        if not appended.duplicate:
            (self._count_appended if appended.entry else self._count_already)()
        self._metrics.append_seconds.observe(time.monotonic() - request.started_s)
        return appended

    async def _append_with_retries(self, request: AppendRequest, miss: _Miss | None) -> Appended:
        backoff = Backoff(request.started_s)
        while await backoff.next_attempt():
            result = miss or await self._attempt(request)
            miss = None
            if isinstance(result, Committed):
                return Appended(result.state, result.entry)
            found = await self._after_miss(result, request)
            if found is not None:
                return found
        raise _retry("The conversation is busy; the outcome is unknown.")

    async def _attempt(self, request: AppendRequest) -> Committed | _Miss:
        if self._state_cache.get(request.conversation_id) is None:
            await self._state_cache.refresh(request.conversation_id)
        try:
            return await self._batcher.submit(request, key=request.conversation_id)
        except TimeoutError as error:
            return _miss(error)

    async def _after_miss(self, miss: _Miss, request: AppendRequest) -> Appended | None:
        """The result according to the current log; None: try again."""
        if miss is _Miss.UNKNOWN:
            self._state_cache.discard(request.conversation_id)
            self._post_commit.outcome_unknown()
            self._log.warning("append outcome unknown", conversation=request.conversation_id)
            raise _retry("The outcome is unknown; send the same again.")
        if miss is _Miss.CLIENT_ID_TAKEN:
            return await self._first_of(request)
        if miss is _Miss.TAIL_TAKEN:
            self._metrics.races_lost.inc()
        state = await self._state_cache.refresh(request.conversation_id)
        decision = decide(state, request.command, self._now())
        if isinstance(decision, Entry):
            return None
        if isinstance(decision, Refused):
            # An entry that exists is acknowledged, even if the command would be refused by now.
            first = await self._first_of(request)
            if first is None:
                raise decision
            return first
        return Appended(state, None)

    async def _first_of(self, request: AppendRequest) -> Appended | None:
        """The existing entry with the same client id; None when no majority has one."""
        if not isinstance(request.command, Write):
            return None
        entry = await self._store.entry_by_client_id(
            request.command.by, request.command.client_id, request.conversation_id
        )
        if entry is None:
            return None
        return await self.as_duplicate(entry, request.origin)

    async def as_duplicate(self, entry: Entry, origin: str) -> Appended:
        """Result for an entry that exists. Its writer may have died before it published the hint, so it is published again."""
        state = await self._state_cache.refresh(entry.conversation_id)
        self._post_commit.repeat(entry, state, origin)
        self._metrics.outcomes.labels("duplicate").inc()
        return Appended(state, entry, duplicate=True)

    async def _insert(self, requests: Sequence[AppendRequest]) -> list[Committed | _Miss | Exception]:
        # The answers of the last batch are sent before this one is encoded: the other order cost 15 to 20 % throughput.
        await asyncio.sleep(0)
        results: list[Committed | _Miss | Exception] = [_Miss.UNDECIDED] * len(requests)
        attempts = self._decide(requests)
        if not attempts:
            return results
        self._metrics.batch_size.observe(len(attempts))
        outcomes = await self._insert_entries([attempt.entry for attempt in attempts])
        commits = []
        for attempt, outcome in zip(attempts, outcomes, strict=True):
            if outcome is InsertOutcome.DONE:
                commit = self._committed(attempt, requests[attempt.position].origin)
                commits.append(commit)
                results[attempt.position] = commit
            else:
                results[attempt.position] = _MISSES[outcome]
        for kind, count in Counter(commit.entry.kind for commit in commits).items():
            self._metrics.appended.labels(kind).inc(count)
        self._post_commit.committed(commits)
        return results

    def _decide(self, requests: Sequence[AppendRequest]) -> list[_Attempt]:
        now_ms = self._now()
        attempts = []
        for position, request in enumerate(requests):
            base = self._state_cache.get(request.conversation_id)
            entry = decide(base, request.command, now_ms) if base else None
            if base and isinstance(entry, Entry):
                attempts.append(_Attempt(position, base, entry))
        return attempts

    def _committed(self, attempt: _Attempt, origin: str) -> Committed:
        # The cache may be newer or empty by now; the entry follows the state that it was decided on.
        state = fold(attempt.base, attempt.entry)
        self._state_cache.put(state)
        self._metrics.observe_service(attempt.base, state)
        return Committed(attempt.entry, state, origin)


def _miss(result: _Miss | TimeoutError) -> _Miss:
    return _Miss.UNKNOWN if isinstance(result, TimeoutError) else result


def _retry(message: str) -> Refused:
    return Refused(Code.RETRY, message, retry_ms=RETRY_MS)
