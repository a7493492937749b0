"""Returns the active conversations of agents to the queue, because the agents are gone."""

import time
from collections.abc import Sequence

from kit.codes import Code, Refused
from kit.runtime.logs import Log
from services.chat.app.append import Appended, Appender, AppendRequest
from services.chat.app.post_commit import PostCommit
from services.chat.app.state_cache import StateCache
from services.chat.domain.commands import Requeue
from services.chat.domain.log import ACTIVE, Person, State
from services.chat.metrics import Metrics
from services.chat.ports import ConversationStore


class AgentRequeue:
    """Every call may be repeated. A conversation that grows meanwhile stays with its agent, and the next call looks at it again."""

    def __init__(
        self,
        store: ConversationStore,
        state_cache: StateCache,
        appender: Appender,
        post_commit: PostCommit,
        *,
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._state_cache = state_cache
        self._appender = appender
        self._post_commit = post_commit
        self._log = log
        self._metrics = metrics

    async def requeue(self, site: str, agent_ids: Sequence[str], by: Person, reason: str) -> tuple[int, int]:
        """How many conversations went back, and how many are still with these agents. Refused(unavailable) without the database."""
        records = await self._store.open_of_agents(site, agent_ids)
        states = await self._state_cache.catch_up(record.state for record in records)
        active = [state for state in states.values() if state.status == ACTIVE and _has(state, agent_ids)]
        requests = [_request(site, state, by, reason) for state in active]
        returned = 0
        for state, outcome in zip(active, await self._appender.append_each(requests), strict=True):
            returned += await self._is_returned(state, outcome, reason)
        return returned, len(active) - returned

    async def _is_returned(self, state: State, outcome: Appended | BaseException, reason: str) -> bool:
        """True when the conversation is not with the agent any more. An unknown outcome counts as still there."""
        if isinstance(outcome, Refused):
            if outcome.code is not Code.CONFLICT:
                self._log.warning("requeue refused", conversation=state.id, error=str(outcome))
            return False
        if isinstance(outcome, BaseException):
            raise outcome
        if outcome.entry is not None:
            self._metrics.requeued.labels(reason).inc()
            self._log.info("conversation requeued", conversation=state.id, reason=reason)
            await self._post_commit.projected(state.id)
        return True


def _has(state: State, agent_ids: Sequence[str]) -> bool:
    return state.assignee is not None and state.assignee.kind == "agent" and state.assignee.id in agent_ids


def _request(site: str, state: State, by: Person, reason: str) -> AppendRequest:
    assert state.assignee is not None  # noqa: S101 - `_has`
    command = Requeue(site, by, state.assignee, state.head, reason)
    return AppendRequest(state.id, command, "", time.monotonic())
