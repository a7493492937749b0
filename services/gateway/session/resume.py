"""Session resume: sends the `welcome` and the entries that the client missed.

The connection is in the hub before the heads are read, so no entry falls between the read and the live updates. Entries that
arrive meanwhile are kept and sent after the replay.
"""

import asyncio
from collections.abc import Callable, Mapping

from palique.chat.v1.chat_pb2 import Conversation, FetchRequest, Head

from kit.codes import Refused
from kit.entry_json import TEXT_LIMIT, entry_json
from kit.failpoints import Failpoints
from kit.times import rfc3339
from services.gateway.backends import ChatPool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import conversation_state
from services.gateway.connection.frames import Cursor
from services.gateway.connection.peer import VISITOR, PeerIdentity
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.sync_batcher import SyncBatcher, SyncQuery, SyncResult

# The interval of a client's pings. Two missed pings close the connection, on either side.
HEARTBEAT_MS = 20_000
LIMITS = frames.Limits(TEXT_LIMIT, frames.FRAME_LIMIT, frames.FETCH_LIMIT)
# Cursors of one hello that are read: more conversations than an agent handles. Clients send the newest last.
MAX_CURSORS = 200
# Logs of one hello that are read concurrently: some for speed, few for fairness.
RESUME_CONCURRENCY = 8


class SessionResume:
    """Resumes a connection that is in the hub already."""

    def __init__(
        self,
        chat: ChatPool,
        *,
        sync_batcher: SyncBatcher,
        participants: ParticipantCache,
        now: Callable[[], int],
        failpoints: Failpoints,
    ) -> None:
        self._chat = chat
        self._query = failpoints.around(sync_batcher.query, after="resume.before_answer")
        self._participants = participants
        self._now = now

    async def resume(self, connection: Connection, identity: PeerIdentity, hello: frames.Hello) -> None:
        """Sends the welcome and the missed entries. Refused or TimeoutError when chat does not answer: then nothing was sent."""
        cursors = {cursor.conversation: cursor for cursor in hello.cursors[-MAX_CURSORS:]}
        answer = await self._query(_query(identity, cursors))
        states = {state.conversation: state for state in answer.conversations}
        for state in states.values():
            self._participants.put_state(state)
            if state.conversation not in cursors:
                connection.cursors.begin(state.conversation, state.epoch, 0, state.head)
        connection.send(self._welcome(connection, identity, answer))
        pending = list(cursors.values())
        for start in range(0, len(pending), RESUME_CONCURRENCY):
            some = pending[start : start + RESUME_CONCURRENCY]
            await asyncio.gather(
                *(self._catch_up(connection, identity, cursor, answer.heads, states) for cursor in some)
            )
        connection.finish_resume()

    def _welcome(self, connection: Connection, identity: PeerIdentity, answer: SyncResult) -> frames.Welcome:
        return frames.Welcome(
            connection=connection.id,
            me=frames.Peer(identity.kind, identity.id, identity.name),
            heartbeat_ms=HEARTBEAT_MS,
            limits=LIMITS,
            server_time=rfc3339(self._now()),
            conversations=[conversation_state(state, reads=True) for state in answer.conversations],
        )

    async def _catch_up(
        self,
        connection: Connection,
        identity: PeerIdentity,
        cursor: Cursor,
        heads: Mapping[str, Head],
        states: Mapping[str, Conversation],
    ) -> None:
        """Catches up one log. A cursor of a conversation that the peer may not read, or that does not exist, is ignored."""
        head = heads.get(cursor.conversation)
        if head is None or not (cursor.conversation in states or await self._may_read(identity, cursor.conversation)):
            return
        if head.epoch != cursor.epoch:
            connection.cursors.begin(cursor.conversation, head.epoch, 0, head.head)
            connection.send(frames.Reset(cursor.conversation, head.epoch, head.head))
            return
        connection.cursors.begin(cursor.conversation, head.epoch, cursor.seq, head.head)
        if head.head > cursor.seq:
            await self._replay(connection, identity, cursor, head.head)

    async def _may_read(self, identity: PeerIdentity, conversation: str) -> bool:
        try:
            await self._participants.get(identity, conversation)
        except Refused:
            return False
        return True

    async def _replay(self, connection: Connection, identity: PeerIdentity, cursor: Cursor, head: int) -> None:
        request = FetchRequest(
            site=identity.site,
            conversation=cursor.conversation,
            reader=identity.person,
            after=cursor.seq,
            limit=frames.FETCH_LIMIT,
        )
        try:
            page = await self._chat.call(lambda stub: stub.Fetch, request, key=cursor.conversation)
        except Refused:
            connection.send(frames.Stale(cursor.conversation, head))
            return
        for entry in page.entries:
            connection.mark_delivered(cursor.conversation, page.epoch, entry.seq)
            connection.send(entry_json(entry))
        if page.more:
            connection.send(frames.Stale(cursor.conversation, page.head))


def _query(identity: PeerIdentity, cursors: Mapping[str, Cursor]) -> SyncQuery:
    """Asks for every head, also of logs that have not grown: the epoch may have changed."""
    from_start = dict.fromkeys(cursors, 0)
    if identity.kind == VISITOR:
        return SyncQuery(identity.site, from_start, visitor_ids=[identity.id])
    return SyncQuery(identity.site, from_start, agent_ids=[identity.id])
