"""Asking chat what has grown and what is open: many askers share a call, one call a site is under way at a time.

A crowd that reconnects, a thousand pings and a lost batch of hints all come out as few, bounded calls.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple, TypeVar

from palique.chat.v1.chat_pb2 import Conversation, Cursor, Head, SyncRequest

from kit.batching import Batcher
from services.gateway.backends import ChatPool

# Cursors, visitors and agents of one call each: one indexed query for either.
CHUNK = 500
# Askers whose questions go together.
MAX_QUERIES = 256
CALL_TIMEOUT_S = 5.0
# A batch of many sites and chunks makes several calls one after the other.
BATCH_TIMEOUT_S = 30.0

T = TypeVar("T")


class SyncQuery(NamedTuple):
    """`cursors` by conversation; heads beyond them are answered. `waiting`: also all that wait."""

    site: str
    cursors: Mapping[str, int] = {}
    visitors: Sequence[str] = ()
    agents: Sequence[str] = ()
    waiting: bool = False


class SyncResult(NamedTuple):
    """As in SyncResponse, of one asker."""

    heads: dict[str, Head]
    conversations: list[Conversation]
    waiting: list[Conversation]


class SyncBatcher:
    """Shares calls of Sync. `run` must be running."""

    def __init__(self, chat: ChatPool) -> None:
        self._chat = chat
        self._batcher: Batcher[SyncQuery, SyncResult] = Batcher(self._send, timeout_s=BATCH_TIMEOUT_S, cap=MAX_QUERIES)

    def __len__(self) -> int:
        return len(self._batcher)

    async def run(self) -> None:
        await self._batcher.run()

    async def ask(self, ask: SyncQuery) -> SyncResult:
        """Refused, or TimeoutError, when chat cannot be asked."""
        return await self._batcher.submit(ask)

    async def _send(self, asks: Sequence[SyncQuery]) -> Sequence[SyncResult | Exception]:
        sites: dict[str, list[SyncQuery]] = {}
        for ask in asks:
            sites.setdefault(ask.site, []).append(ask)
        found: dict[str, _Found | Exception] = {}
        for site, of_site in sites.items():
            try:
                found[site] = await self._ask_site(site, of_site)
            except Exception as error:  # noqa: BLE001 - one site's failure is its askers' alone
                found[site] = error
        return [_answer(ask, found[ask.site]) for ask in asks]

    async def _ask_site(self, site: str, asks: Sequence[SyncQuery]) -> "_Found":
        found = _Found()
        for request in _requests(site, asks):
            response = await self._chat.call(lambda stub: stub.Sync, request, key=site, timeout_s=CALL_TIMEOUT_S)
            found.take(response.heads, response.conversations, response.waiting)
        return found


class _Found:
    """What the calls for one site brought, indexed for its askers."""

    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}
        self.of_visitor: dict[str, list[Conversation]] = {}
        self.of_agent: dict[str, list[Conversation]] = {}
        self.waiting: list[Conversation] = []

    def take(
        self, heads: Iterable[Head], conversations: Iterable[Conversation], waiting: Iterable[Conversation]
    ) -> None:
        self.heads.update((head.conversation, head) for head in heads)
        for state in conversations:
            self.of_visitor.setdefault(state.visitor.id, []).append(state)
            if state.HasField("assignee") and state.status != "closed":
                self.of_agent.setdefault(state.assignee.id, []).append(state)
        self.waiting.extend(waiting)


def _answer(ask: SyncQuery, found: _Found | Exception) -> SyncResult | Exception:
    if isinstance(found, Exception):
        return found
    heads = {conversation: found.heads[conversation] for conversation in ask.cursors if conversation in found.heads}
    states = [state for visitor in ask.visitors for state in found.of_visitor.get(visitor, ())]
    states += [state for agent in ask.agents for state in found.of_agent.get(agent, ())]
    unique = {state.conversation: state for state in states}
    return SyncResult(heads, list(unique.values()), found.waiting if ask.waiting else [])


def _requests(site: str, asks: Sequence[SyncQuery]) -> Iterator[SyncRequest]:
    lowest: dict[str, int] = {}
    for ask in asks:
        for conversation, seq in ask.cursors.items():
            lowest[conversation] = min(seq, lowest.get(conversation, seq))
    cursors = _chunks(Cursor(conversation=conversation, seq=seq) for conversation, seq in lowest.items())
    visitors = _chunks(dict.fromkeys(visitor for ask in asks for visitor in ask.visitors))
    agents = _chunks(dict.fromkeys(agent for ask in asks for agent in ask.agents))
    waiting = any(ask.waiting for ask in asks)
    if waiting:
        yield SyncRequest(site=site, waiting=True)
    for some_cursors, some_visitors, some_agents in zip_longest(cursors, visitors, agents, fillvalue=()):
        yield SyncRequest(site=site, cursors=some_cursors, visitors=some_visitors, agents=some_agents)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
