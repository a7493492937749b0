"""Catch-up after missed hints: compares the true heads with the cursor of each connection, and sends `stale` to those behind.

Without hints, when the broker is away or delivers nothing, it runs every two seconds. Chats go on that way.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable

from palique.chat.v1.chat_pb2 import Conversation, FetchRequest, GetConversationRequest, Head, Person

from kit.entry_json import entry_json
from kit.runtime.logs import Log
from services.gateway.backends import ChatPool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.entry_frame import EntryFrame
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.peer import AGENT, PeerIdentity
from services.gateway.connection.transport import text_frame
from services.gateway.fanout.hub import Hub, SiteConnections
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.refresh_loop import POLL_S, RefreshLoop
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.fanout.sync_batcher import SyncBatcher, SyncQuery
from services.gateway.metrics import Metrics

# Conversations that left the lists while hints were lost: their states are read one by one.
MAX_VANISHED = 50
# Connections compared in one event-loop iteration.
CONNECTION_BATCH = 500
# The gateway itself as a reader: it may read what any agent of the site may.
GATEWAY = Person(kind=AGENT, id="gateway")


class CatchUpLoop:
    """`run` must be running. `receives_hints` is false while no publisher is received."""

    def __init__(
        self,
        chat: ChatPool,
        *,
        hub: Hub,
        sync_batcher: SyncBatcher,
        participants: ParticipantCache,
        site_status: SiteStatus,
        receives_hints: Callable[[], bool],
        log: Log,
        metrics: Metrics,
        poll_s: float = POLL_S,
    ) -> None:
        self._chat = chat
        self._hub = hub
        self._sync_batcher = sync_batcher
        self._participants = participants
        self._site_status = site_status
        self._metrics = metrics
        self._loop = RefreshLoop(
            self._catch_up,
            sites=lambda: list(hub.sites),
            interval_s=lambda: math.inf if receives_hints() or not hub.sites else poll_s,
            on_due=lambda: self.request("no_hints"),
            log=log,
            poll_s=poll_s,
        )

    def request(self, reason: str) -> None:
        """Requests a catch-up of every site: hints may have been missed."""
        self._metrics.syncs.labels(reason).inc()
        self._loop.request_all()

    def request_site(self, site_key: str) -> None:
        """Requests the first load of a site."""
        self._metrics.syncs.labels("first").inc()
        self._loop.request(site_key)

    async def run(self) -> None:
        """Until cancelled."""
        await self._loop.run()

    async def _catch_up(self, site_key: str) -> None:
        site = self._hub.sites.get(site_key)
        if site is None:
            return
        self._site_status.begin_sync(site_key)
        cursors = await _lowest_cursors(site)
        query = SyncQuery(site_key, cursors, list(site.visitors), list(site.agents), waiting=True)
        answer = await self._sync_batcher.query(query)
        await self._send_stale(site, answer.heads)
        for state in answer.conversations:
            self._participants.put_state(state)
            self._reset_old_epochs(site, state)
            await self._replay_unknown(site, state)
        open_here = [state for state in answer.conversations if state.status != "closed"]
        vanished = self._site_status.apply_sync(site_key, open_here, answer.waiting)
        for conversation_id in vanished[:MAX_VANISHED]:
            await self._read_state(site_key, conversation_id)

    async def _send_stale(self, site: SiteConnections, heads: dict[str, Head]) -> None:
        async for connection in _in_batches(site):
            for conversation_id in heads.keys() & connection.cursors.positions.keys():
                head = heads[conversation_id]
                connection.send_stale(conversation_id, head.epoch, head.head)

    def _reset_old_epochs(self, site: SiteConnections, state: Conversation) -> None:
        """Voids copies from an older epoch. After a restore a log may be shorter than its copies, so that no head is ahead of them."""
        for connection in [*site.visitors.get(state.visitor.id, ()), *site.agents.get(state.assignee.id, ())]:
            if connection.cursors.is_new_epoch(state.conversation, state.epoch):
                connection.send_stale(state.conversation, state.epoch, state.head)

    async def _replay_unknown(self, site: SiteConnections, state: Conversation) -> None:
        """Replays a conversation whose first hints were missed, to the participants that do not know it.

        A visitor also gets one that has ended since: it is the newest one, which `welcome` would have named.
        """
        connections = [*site.visitors.get(state.visitor.id, ())]
        if state.status != "closed":
            connections += site.agents.get(state.assignee.id, ())
        for connection in connections:
            is_known = state.conversation in connection.cursors.positions or connection.cursors.is_full
            if connection.is_live and connection.identity is not None and not is_known:
                await self._replay(connection, connection.identity, state)

    async def _replay(self, connection: Connection, identity: PeerIdentity, state: Conversation) -> None:
        request = FetchRequest(
            site=identity.site, conversation=state.conversation, reader=identity.person, limit=frames.FETCH_LIMIT
        )
        page = await self._chat.call(lambda stub: stub.Fetch, request, key=state.conversation)
        for entry in page.entries:
            frame = text_frame(encode(entry_json(entry)))
            connection.deliver(EntryFrame(state.conversation, page.epoch, entry.seq, frame))
        if page.more:
            connection.send_stale(state.conversation, page.epoch, page.head)

    async def _read_state(self, site_key: str, conversation_id: str) -> None:
        request = GetConversationRequest(site=site_key, conversation=conversation_id, reader=GATEWAY)
        answer = await self._chat.call(lambda stub: stub.GetConversation, request, key=conversation_id)
        self._participants.put_state(answer.conversation)
        self._site_status.update(answer.conversation)


async def _lowest_cursors(site: SiteConnections) -> dict[str, int]:
    """The lowest seq by conversation id, over the live connections."""
    lowest: dict[str, int] = {}
    async for connection in _in_batches(site):
        if connection.is_live:
            for conversation_id, position in connection.cursors.positions.items():
                lowest[conversation_id] = min(position.seq, lowest.get(conversation_id, position.seq))
    return lowest


async def _in_batches(site: SiteConnections) -> AsyncIterator[Connection]:
    """All connections of the site; other tasks run between two batches."""
    for count, connection in enumerate(list(site.all_connections()), 1):
        yield connection
        if count % CONNECTION_BATCH == 0:
            await asyncio.sleep(0)
