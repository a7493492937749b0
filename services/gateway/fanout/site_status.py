"""Pushes queue and availability status to agents and visitors of a site, at most twice a second.

Agents get `queue` and `conversation` frames; each visitor gets `site` with the availability of agents and the queue position. Under
overload, queue positions are not sent, and then visitors without a chat get `online: false`, so that new chats wait.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

from palique.chat.v1.chat_pb2 import Conversation

from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import conversation_changed, conversation_state, encode
from services.gateway.connection.frames import Queue, SiteAvailability
from services.gateway.connection.peer import AGENT, PeerIdentity
from services.gateway.connection.transport import text_frame
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.waiting_queue import MAX_SHOWN, WaitingConversation, WaitingQueue
from services.gateway.overload.load_shedding import Shed

FLUSH_S = 0.5
# Visitors that get a frame in one event-loop iteration.
VISITOR_BATCH = 500
# Conversations of a site whose last sent state is remembered: more than any team has open at once.
MAX_SENT = 10_000


class _SentState(NamedTuple):
    """The state of a conversation that agents got last."""

    epoch: int
    head: int
    status: str
    assignee_id: str
    preview: str


class _SiteState:
    def __init__(self) -> None:
        self.queue = WaitingQueue()
        # By conversation id, the latest sent last.
        self.sent: dict[str, _SentState] = {}
        self.loaded = False
        self.queue_changed = False
        # Since visitors got their positions.
        self.positions_changed = False
        # The last values that visitors got.
        self.online: bool | None = None
        self.positions: dict[str, int] = {}
        self.sheds_new_chats = False


class SiteStatus:
    """The status of every site that has sockets here. `run` must be running.

    `name` returns the current name of a visitor by site and id, None while unknown. `online` returns whether an agent of the site is available, None while unknown. `load` requests a first `apply_sync`.
    """

    def __init__(
        self,
        hub: Hub,
        *,
        online: Callable[[str], bool | None],
        name: Callable[[str, str], str | None],
        load: Callable[[str], None],
        sheds: Callable[[Shed], bool],
    ) -> None:
        self._hub = hub
        self._online = online
        self._name = name
        self._load = load
        self._sheds = sheds
        self._sites: dict[str, _SiteState] = {}

    def welcome(self, connection: Connection, identity: PeerIdentity) -> None:
        """Sends the status to a new connection, now or as soon as it is known."""
        state = self._state(identity.site)
        if not state.loaded:
            self._load(identity.site)
        if identity.kind == AGENT:
            if state.loaded:
                connection.send(_queue_frame(state.queue))
        elif state.online is not None:
            is_open = _is_open_to(state, [connection])
            connection.send(SiteAvailability(is_open, state.positions.get(identity.id)))

    def accepts_chat(self, connection: Connection, identity: PeerIdentity) -> bool:
        """Whether this visitor may open a chat now. A chat that is open goes on."""
        return not self._sheds(Shed.NEW_CHATS) or _may_have_chat(self._state(identity.site), [connection])

    def forget(self, site_key: str) -> None:
        """Drops a site whose last socket is gone: its hints are no longer received."""
        self._sites.pop(site_key, None)

    def update(self, conversation: Conversation) -> None:
        """Applies the state of a conversation from a hint or an answer."""
        if conversation.site not in self._hub.sites:
            return
        state = self._state(conversation.site)
        self._rename(conversation)
        self._send_if_changed(state, conversation)
        if conversation.status == "waiting":
            state.queue_changed |= state.queue.add(_waiting(conversation))
        else:
            state.queue_changed |= state.queue.remove(conversation.conversation, conversation.head)

    def begin_sync(self, site_key: str) -> None:
        """Must be called before the lists of a site are read. The site has sockets here."""
        self._state(site_key).queue.begin_snapshot()

    def apply_sync(
        self, site_key: str, open_here: Iterable[Conversation], waiting: Iterable[Conversation]
    ) -> list[str]:
        """Applies the lists that were read. Returns the ids of conversations that left them; the caller reads their states."""
        state = self._sites.get(site_key)
        if state is None or site_key not in self._hub.sites:
            return []
        read = {conversation.conversation: conversation for conversation in (*open_here, *waiting)}
        for conversation in read.values():
            self._rename(conversation)
            self._send_if_changed(state, conversation)
        changed, gone = state.queue.apply_snapshot(
            _waiting(conversation) for conversation in read.values() if conversation.status == "waiting"
        )
        state.queue_changed |= changed or not state.loaded
        state.loaded = True
        agents = self._hub.sites[site_key].agents
        lost = [
            conversation_id
            for conversation_id, sent in state.sent.items()
            if sent.assignee_id in agents and sent.status != "closed" and conversation_id not in read
        ]
        return [*gone, *lost]

    async def run(self) -> None:
        """Sends changes, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            for site_key, state in list(self._sites.items()):
                if site_key in self._hub.sites:
                    await self._flush(site_key, state)

    async def _flush(self, site_key: str, state: _SiteState) -> None:
        online = self._online(site_key)
        positions = state.positions
        if state.queue_changed:
            state.queue_changed, state.positions_changed = False, True
            self._hub.send_to_agents(site_key, _queue_frame(state.queue))
        if state.positions_changed and not self._sheds(Shed.QUEUE_POSITIONS):
            state.positions_changed = False
            positions = state.queue.positions()
        if online is None:
            state.positions = positions
            return
        did_shed, state.sheds_new_chats = state.sheds_new_chats, self._sheds(Shed.NEW_CHATS)
        if online != state.online or did_shed != state.sheds_new_chats:
            changed: Iterable[str] = list(self._hub.sites[site_key].visitors)
        else:
            changed = {visitor_id for visitor_id, _ in state.positions.items() ^ positions.items()}
        state.online, state.positions = online, positions
        await self._send_to_visitors(site_key, state, changed)

    async def _send_to_visitors(self, site_key: str, state: _SiteState, visitor_ids: Iterable[str]) -> None:
        """Sends each visitor the current values. A visitor that connects meanwhile gets them from `welcome`."""
        encoded: dict[tuple[bool, int | None], bytes] = {}
        for count, visitor_id in enumerate(visitor_ids, 1):
            if count % VISITOR_BATCH == 0:
                await asyncio.sleep(0)
            site = self._hub.sites.get(site_key)
            if site is None or state.online is None:
                return
            connections = site.visitors.get(visitor_id, ())
            values = (_is_open_to(state, connections), state.positions.get(visitor_id))
            if values not in encoded:
                encoded[values] = text_frame(encode(SiteAvailability(*values)))
            for connection in connections:
                if connection.is_live:
                    connection.send_encoded(encoded[values])

    def _rename(self, conversation: Conversation) -> None:
        """A conversation keeps the visitor's name of its beginning; agents get the current one."""
        name = self._name(conversation.site, conversation.visitor.id)
        if name is not None:
            conversation.visitor.name = name

    def _send_if_changed(self, state: _SiteState, conversation: Conversation) -> None:
        """Sends a conversation to the agents when it is newer than what they have, and its status, assignee or preview differ."""
        last = state.sent.get(conversation.conversation)
        new = _SentState(
            conversation.epoch,
            conversation.head,
            conversation.status,
            conversation.assignee.id,
            conversation.preview,
        )
        if last is not None and (last[:2] >= new[:2] or last[2:] == new[2:]):
            return
        state.sent.pop(conversation.conversation, None)
        state.sent[conversation.conversation] = new
        if len(state.sent) > MAX_SENT:
            del state.sent[next(iter(state.sent))]
        self._hub.send_to_agents(conversation.site, conversation_changed(conversation))

    def _state(self, site_key: str) -> _SiteState:
        if site_key not in self._sites:
            self._sites[site_key] = _SiteState()
        return self._sites[site_key]


def _is_open_to(state: _SiteState, connections: Iterable[Connection]) -> bool:
    """Whether an agent is available to the visitor with these connections."""
    return bool(state.online) and (not state.sheds_new_chats or _may_have_chat(state, connections))


def _may_have_chat(state: _SiteState, connections: Iterable[Connection]) -> bool:
    """Whether one of these connections has a conversation that is not known to be closed."""
    sent = (state.sent.get(key) for connection in connections for key in connection.cursors.positions)
    return any(last is None or last.status != "closed" for last in sent)


def _waiting(conversation: Conversation) -> WaitingConversation:
    return WaitingConversation(
        conversation.conversation,
        conversation.visitor.id,
        conversation.started_at_ms,
        conversation.head,
        conversation_state(conversation),
    )


def _queue_frame(queue: WaitingQueue) -> Queue:
    offers = [waiting.state for waiting in queue.ordered()[:MAX_SHOWN]]
    return Queue(len(queue), offers)
