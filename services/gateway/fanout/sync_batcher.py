"""Coalesces Sync calls to chat: many queries share one call, and one batch is under way at a time.

So a reconnecting crowd, a thousand pings or a lost batch of hints make few, bounded calls.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple, TypeVar

from palique.chat.v1.chat_pb2 import Conversation, Cursor, Head, SyncRequest, SyncResponse

from kit.batching import Batcher
from services.gateway.backends import ChatPool

# Cursors, visitors and agents of one call each: chat answers each kind with one indexed query.
ID_BATCH = 500
# Queries that share the calls of one batch.
QUERY_BATCH = 256
CALL_TIMEOUT_S = 5.0
# A batch with many sites and ids makes several calls, one after the other.
BATCH_TIMEOUT_S = 30.0

T = TypeVar("T")


class SyncQuery(NamedTuple):
    """Asks for the heads beyond `cursors` (seq by conversation id), and for conversations of visitors and agents.

    `waiting` asks also for all conversations that wait.
    """

    site_key: str
    cursors: Mapping[str, int] = {}
    visitor_ids: Sequence[str] = ()
    agent_ids: Sequence[str] = ()
    waiting: bool = False


class SyncResult(NamedTuple):
    """The part of the SyncResponse that answers one query."""

    heads: dict[str, Head]
    conversations: list[Conversation]
    waiting: list[Conversation]


class SyncBatcher:
    """`run` must be running."""

    def __init__(self, chat: ChatPool) -> None:
        self._chat = chat
        self._batcher: Batcher[SyncQuery, SyncResult] = Batcher(self._send, timeout_s=BATCH_TIMEOUT_S, cap=QUERY_BATCH)

    def __len__(self) -> int:
        return len(self._batcher)

    async def run(self) -> None:
        await self._batcher.run()

    async def query(self, query: SyncQuery) -> SyncResult:
        """Raises Refused or TimeoutError when chat does not answer."""
        return await self._batcher.submit(query)

    async def _send(self, queries: Sequence[SyncQuery]) -> Sequence[SyncResult | Exception]:
        by_site: dict[str, list[SyncQuery]] = {}
        for query in queries:
            by_site.setdefault(query.site_key, []).append(query)
        answers: dict[str, _SiteAnswer | Exception] = {}
        for site_key, of_site in by_site.items():
            try:
                answers[site_key] = await self._query_site(site_key, of_site)
            except Exception as error:  # noqa: BLE001 - a failure of one site is raised to its callers only
                answers[site_key] = error
        return [_result(query, answers[query.site_key]) for query in queries]

    async def _query_site(self, site_key: str, queries: Sequence[SyncQuery]) -> "_SiteAnswer":
        answer = _SiteAnswer()
        for request in _requests(site_key, queries):
            response = await self._chat.call(lambda stub: stub.Sync, request, key=site_key, timeout_s=CALL_TIMEOUT_S)
            answer.add(response)
        return answer


class _SiteAnswer:
    """The responses for one site, indexed for its queries."""

    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}
        self.of_visitor: dict[str, list[Conversation]] = {}
        self.of_agent: dict[str, list[Conversation]] = {}
        self.waiting: list[Conversation] = []

    def add(self, response: SyncResponse) -> None:
        self.heads.update((head.conversation, head) for head in response.heads)
        for state in response.conversations:
            self.of_visitor.setdefault(state.visitor.id, []).append(state)
            if state.HasField("assignee") and state.status != "closed":
                self.of_agent.setdefault(state.assignee.id, []).append(state)
        self.waiting.extend(response.waiting)


def _result(query: SyncQuery, answer: _SiteAnswer | Exception) -> SyncResult | Exception:
    if isinstance(answer, Exception):
        return answer
    heads = {key: answer.heads[key] for key in query.cursors if key in answer.heads}
    states = [state for visitor_id in query.visitor_ids for state in answer.of_visitor.get(visitor_id, ())]
    states += [state for agent_id in query.agent_ids for state in answer.of_agent.get(agent_id, ())]
    unique = {state.conversation: state for state in states}
    return SyncResult(heads, list(unique.values()), answer.waiting if query.waiting else [])


def _requests(site_key: str, queries: Sequence[SyncQuery]) -> Iterator[SyncRequest]:
    lowest: dict[str, int] = {}
    for query in queries:
        for conversation_id, seq in query.cursors.items():
            lowest[conversation_id] = min(seq, lowest.get(conversation_id, seq))
    cursors = _chunks(Cursor(conversation=conversation_id, seq=seq) for conversation_id, seq in lowest.items())
    visitors = _chunks(dict.fromkeys(visitor_id for query in queries for visitor_id in query.visitor_ids))
    agents = _chunks(dict.fromkeys(agent_id for query in queries for agent_id in query.agent_ids))
    if any(query.waiting for query in queries):
        yield SyncRequest(site=site_key, waiting=True)
    for some_cursors, some_visitors, some_agents in zip_longest(cursors, visitors, agents, fillvalue=()):
        yield SyncRequest(site=site_key, cursors=some_cursors, visitors=some_visitors, agents=some_agents)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, ID_BATCH)):
        yield chunk
