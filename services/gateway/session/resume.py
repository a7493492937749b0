"""From `hello` to a live socket: who it is, what is theirs, what they missed.

The link is in the hub before the heads are read, so nothing falls between what is read and what is then pushed; what is pushed
meanwhile is kept and comes after the replay.
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
from services.gateway.connection.connection import VISITOR, Connection, PeerIdentity
from services.gateway.connection.frame_codec import conversation_state
from services.gateway.connection.frames import Cursor
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.sync_batcher import SyncBatcher, SyncQuery, SyncResult

# Between a client's pings; two missed ones end the link on either side.
HEARTBEAT_MS = 20_000
LIMITS = frames.Limits(TEXT_LIMIT, frames.FRAME_LIMIT, frames.FETCH_LIMIT)
# Cursors of one hello that are looked at: more conversations than anybody has in hand. The newest stand last.
MAX_CURSORS = 200
# Logs of one hello read at the same time: some for speed, few for fairness.
AT_ONCE = 8


class SessionResume:
    """Welcomes a link that is in the hub already."""

    def __init__(
        self,
        chat: ChatPool,
        *,
        syncing: SyncBatcher,
        directory: ParticipantCache,
        now: Callable[[], int],
        failpoints: Failpoints,
    ) -> None:
        self._chat = chat
        self._ask = failpoints.around(syncing.query, after="resume.before_answer")
        self._directory = directory
        self._now = now

    async def resume(self, link: Connection, who: PeerIdentity, hello: frames.Hello) -> None:
        """Sends the welcome and what was missed. Refused or TimeoutError when chat cannot be asked: nothing was sent then."""
        cursors = {cursor.conversation: cursor for cursor in hello.cursors[-MAX_CURSORS:]}
        answer = await self._ask(_ask(who, cursors))
        states = {state.conversation: state for state in answer.conversations}
        for state in states.values():
            self._directory.put_state(state)
            if state.conversation not in cursors:
                link.cursors.begin(state.conversation, state.epoch, 0, state.head)
        link.send(self._welcome(link, who, answer))
        waiting = list(cursors.values())
        for start in range(0, len(waiting), AT_ONCE):
            some = waiting[start : start + AT_ONCE]
            await asyncio.gather(*(self._catch_up(link, who, cursor, answer.heads, states) for cursor in some))
        link.finish_resume()

    def _welcome(self, link: Connection, who: PeerIdentity, answer: SyncResult) -> frames.Welcome:
        return frames.Welcome(
            connection=link.id,
            me=frames.Peer(who.kind, who.id, who.name),
            heartbeat_ms=HEARTBEAT_MS,
            limits=LIMITS,
            server_time=rfc3339(self._now()),
            conversations=[conversation_state(state, reads=True) for state in answer.conversations],
        )

    async def _catch_up(
        self,
        link: Connection,
        who: PeerIdentity,
        cursor: Cursor,
        heads: Mapping[str, Head],
        states: Mapping[str, Conversation],
    ) -> None:
        """Of one log. A cursor of something that is not theirs, or is not there, is ignored."""
        head = heads.get(cursor.conversation)
        if head is None or not (cursor.conversation in states or await self._may_read(who, cursor.conversation)):
            return
        if head.epoch != cursor.epoch:
            link.cursors.begin(cursor.conversation, head.epoch, 0, head.head)
            link.send(frames.Reset(cursor.conversation, head.epoch, head.head))
            return
        link.cursors.begin(cursor.conversation, head.epoch, cursor.seq, head.head)
        if head.head > cursor.seq:
            await self._replay(link, who, cursor, head.head)

    async def _may_read(self, who: PeerIdentity, conversation: str) -> bool:
        try:
            await self._directory.get(who, conversation)
        except Refused:
            return False
        return True

    async def _replay(self, link: Connection, who: PeerIdentity, cursor: Cursor, head: int) -> None:
        request = FetchRequest(
            site=who.site,
            conversation=cursor.conversation,
            reader=who.person,
            after=cursor.seq,
            limit=frames.FETCH_LIMIT,
        )
        try:
            page = await self._chat.call(lambda stub: stub.Fetch, request, key=cursor.conversation)
        except Refused:
            link.send(frames.Stale(cursor.conversation, head))
            return
        for entry in page.entries:
            link.mark_delivered(cursor.conversation, page.epoch, entry.seq)
            link.send(entry_json(entry))
        if page.more:
            link.send(frames.Stale(cursor.conversation, page.head))


def _ask(who: PeerIdentity, cursors: Mapping[str, Cursor]) -> SyncQuery:
    """Every head is asked for, also of logs that are not ahead: the epoch may have changed."""
    from_the_start = dict.fromkeys(cursors, 0)
    if who.kind == VISITOR:
        return SyncQuery(who.site, from_the_start, visitor_ids=[who.id])
    return SyncQuery(who.site, from_the_start, agent_ids=[who.id])
