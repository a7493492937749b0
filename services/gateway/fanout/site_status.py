"""How things stand on a site, as its people are told: who waits for an agent (`queue`, `conversation`), and for each visitor
whether somebody is there and what their place in the queue is (`site`). Coalesced: at most two frames a second a person. Under too
much load places are not told, and then visitors without a chat are told that nobody is there: what they write waits with them.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

from palique.chat.v1.chat_pb2 import Conversation

from services.gateway.connection.connection import AGENT, Connection, PeerIdentity
from services.gateway.connection.frame_codec import conversation_changed, conversation_state, encode
from services.gateway.connection.frames import Queue, SiteAvailability
from services.gateway.connection.transport import text_frame
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.waiting_queue import MAX_WAITING, WaitingConversation, WaitingQueue
from services.gateway.overload.load_shedding import Shed

FLUSH_S = 0.5
# Visitors told between two turns of the event loop.
VISITOR_BATCH = 500
# Open conversations of a site whose last told state is remembered; more than any team has at once.
MAX_STATUS_ROWS = 10_000


class _Told(NamedTuple):
    """What agents know of a conversation."""

    epoch: int
    head: int
    status: str
    assignee: str


class _Site:
    def __init__(self) -> None:
        self.queue = WaitingQueue()
        self.told: dict[str, _Told] = {}
        self.loaded = False
        self.queue_changed = False
        # Since visitors were told their places.
        self.places_changed = False
        self.online: bool | None = None
        self.positions: dict[str, int] = {}
        # Takes no new chats for now.
        self.full = False


class SiteStatus:
    """Of every site that has sockets here. `online` tells whether an agent of the site is there, None while unknown; `sheds`, what is left undone."""

    def __init__(
        self,
        hub: Hub,
        *,
        online: Callable[[str], bool | None],
        load: Callable[[str], None],
        sheds: Callable[[Shed], bool],
    ) -> None:
        self._hub = hub
        self._online = online
        self._load = load
        self._sheds = sheds
        self._sites: dict[str, _Site] = {}

    def welcome(self, link: Connection, who: PeerIdentity) -> None:
        """Tells a new link how things stand, now or as soon as it is known."""
        site = self._site(who.site)
        if not site.loaded:
            self._load(who.site)
        if who.kind == AGENT:
            if site.loaded:
                link.send(_queue_frame(site.queue))
        elif site.online is not None:
            link.send(SiteAvailability(self._is_open_to(site, [link]), site.positions.get(who.id)))

    def takes_chat(self, link: Connection, who: PeerIdentity) -> bool:
        """Whether this visitor may open a chat now; one that they may have already goes on."""
        return not self._sheds(Shed.NEW_CHATS) or _may_talk(self._site(who.site), [link])

    def forget(self, site: str) -> None:
        """Its last socket is gone, and with it the hearing of its hints."""
        self._sites.pop(site, None)

    def heard(self, state: Conversation) -> None:
        """A conversation's state changed, as a hint or an answer says."""
        if state.site not in self._hub.sites:
            return
        site = self._site(state.site)
        if self._is_news(site, state):
            self._hub.to_agents(state.site, conversation_changed(state))
        if state.status == "waiting":
            site.queue_changed |= site.queue.waits(_offer(state))
        else:
            site.queue_changed |= site.queue.left(state.conversation, state.head)

    def begin_sync(self, site: str) -> None:
        """The site's lists are about to be read; the site has sockets here."""
        self._site(site).queue.begin_snapshot()

    def synced(self, site: str, open_here: Iterable[Conversation], waiting: Iterable[Conversation]) -> list[str]:
        """The lists that were read; gives conversations that are not in them any more, whose state is to be asked for."""
        held = self._sites.get(site)
        if held is None or site not in self._hub.sites:
            return []
        states = {state.conversation: state for state in (*open_here, *waiting)}
        for state in states.values():
            if self._is_news(held, state):
                self._hub.to_agents(site, conversation_changed(state))
        changed, gone = held.queue.snapshot(_offer(state) for state in states.values() if state.status == "waiting")
        held.queue_changed |= changed or not held.loaded
        held.loaded = True
        agents = self._hub.sites[site].agents
        lost = [
            conversation
            for conversation, told in held.told.items()
            if told.assignee in agents and told.status != "closed" and conversation not in states
        ]
        return [*gone, *lost]

    async def run(self) -> None:
        """Tells what changed, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            for name, site in list(self._sites.items()):
                if name in self._hub.sites:
                    await self._flush(name, site)

    async def _flush(self, name: str, site: _Site) -> None:
        online = self._online(name)
        positions = site.positions
        if site.queue_changed:
            site.queue_changed, site.places_changed = False, True
            self._hub.to_agents(name, _queue_frame(site.queue))
        if site.places_changed and not self._sheds(Shed.QUEUE_POSITIONS):
            site.places_changed = False
            positions = site.queue.positions()
        if online is None:
            site.positions = positions
            return
        was_full, site.full = site.full, self._sheds(Shed.NEW_CHATS)
        if online != site.online or was_full != site.full:
            moved: Iterable[str] = list(self._hub.sites[name].visitors)
        else:
            moved = {visitor for visitor, _ in site.positions.items() ^ positions.items()}
        site.online, site.positions = online, positions
        await self._tell_visitors(name, site, moved)

    async def _tell_visitors(self, name: str, site: _Site, moved: Iterable[str]) -> None:
        """Each what holds now; whoever comes meanwhile is told by the welcome."""
        known: dict[tuple[bool, int | None], bytes] = {}
        for count, visitor in enumerate(moved, 1):
            if count % VISITOR_BATCH == 0:
                await asyncio.sleep(0)
            links = self._hub.sites.get(name)
            if links is None or site.online is None:
                return
            tabs = links.visitors.get(visitor, ())
            now = (self._is_open_to(site, tabs), site.positions.get(visitor))
            if now not in known:
                known[now] = text_frame(encode(SiteAvailability(*now)))
            for link in tabs:
                if link.is_live:
                    link.send_encoded(known[now])

    def _is_open_to(self, site: _Site, tabs: Iterable[Connection]) -> bool:
        """Whether an agent is there for this visitor."""
        return bool(site.online) and (not site.full or _may_talk(site, tabs))

    def _is_news(self, site: _Site, state: Conversation) -> bool:
        told = site.told.get(state.conversation)
        now = _Told(state.epoch, state.head, state.status, state.assignee.id)
        if told is not None and (told[:2] >= now[:2] or told[2:] == now[2:]):
            return False
        site.told.pop(state.conversation, None)
        site.told[state.conversation] = now
        if len(site.told) > MAX_STATUS_ROWS:
            del site.told[next(iter(site.told))]
        return True

    def _site(self, site: str) -> _Site:
        if site not in self._sites:
            self._sites[site] = _Site()
        return self._sites[site]


def _may_talk(site: _Site, tabs: Iterable[Connection]) -> bool:
    """Whether one of these sockets has a conversation that is not known to be over."""
    states = (site.told.get(conversation) for tab in tabs for conversation in tab.cursors.positions)
    return any(state is None or state.status != "closed" for state in states)


def _offer(state: Conversation) -> WaitingConversation:
    return WaitingConversation(
        state.conversation, state.visitor.id, state.started_at_ms, state.head, conversation_state(state)
    )


def _queue_frame(queue: WaitingQueue) -> Queue:
    offers = [offer.state for offer in queue.ordered()[:MAX_WAITING]]
    return Queue(len(queue), offers)
