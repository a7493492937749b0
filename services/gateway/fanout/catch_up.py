"""After hints may have been missed: compares the true heads with what each socket was handed, and tells those behind.

One comparison at a time, however many reasons come meanwhile; bounded calls. While no hints come in, with the broker away or deaf,
it runs every two seconds, which is what keeps chats going without it.
"""

import asyncio
from collections.abc import Callable

from palique.chat.v1.chat_pb2 import Conversation, FetchRequest, GetConversationRequest, Head, Person

from kit.codes import Refused
from kit.entry_json import entry_json
from kit.runtime.logs import Log
from services.gateway.backends import ChatPool
from services.gateway.connection import frames
from services.gateway.connection.connection import AGENT, Connection, EntryFrame, PeerIdentity
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.transport import text_frame
from services.gateway.fanout.hub import Hub, SiteConnections
from services.gateway.fanout.participants import ParticipantCache
from services.gateway.fanout.site_status import SiteStatus
from services.gateway.fanout.sync_batcher import SyncBatcher, SyncQuery
from services.gateway.metrics import Metrics

# The contract: without the broker, readers are at most some seconds behind.
WITHOUT_BUS_S = 2.0
# Chat is away: soon again, not at once.
AGAIN_S = 1.0
# Conversations that left the lists while hints were lost and are asked for one by one.
MAX_VANISHED = 50
# Links compared between two turns of the event loop.
CONNECTION_BATCH = 500
# Speaks for the gateway itself, which reads as an agent of the site would.
GATEWAY = Person(kind=AGENT, id="gateway")


class CatchUpLoop:
    """`behind` and `load` say that it is needed; `run` does it."""

    def __init__(
        self,
        chat: ChatPool,
        *,
        hub: Hub,
        syncing: SyncBatcher,
        directory: ParticipantCache,
        hints_come_in: Callable[[], bool],
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._chat = chat
        self._hub = hub
        self._syncing = syncing
        self._directory = directory
        self._hints_come_in = hints_come_in
        self._log = log
        self._metrics = metrics
        self._wanted = asyncio.Event()
        self._all = False
        self._sites: set[str] = set()

    def behind(self, reason: str) -> None:
        """Every site here may have missed something."""
        self._metrics.syncs.labels(reason).inc()
        self._all = True
        self._wanted.set()

    def load(self, site: str) -> None:
        """Nothing is known of this site yet."""
        self._metrics.syncs.labels("first").inc()
        self._sites.add(site)
        self._wanted.set()

    async def run(self, standing: SiteStatus) -> None:
        """Until cancelled."""
        while True:
            await self._until_wanted()
            sites = set(self._hub.sites) if self._all else self._sites & set(self._hub.sites)
            self._all, self._sites = False, set()
            self._wanted.clear()
            for site in sites:
                await self._try(site, standing)

    async def _until_wanted(self) -> None:
        try:
            async with asyncio.timeout(WITHOUT_BUS_S):
                await self._wanted.wait()
        except TimeoutError:
            if not self._hints_come_in() and self._hub.sites:
                self.behind("no_hints")

    async def _try(self, site: str, standing: SiteStatus) -> None:
        try:
            await self._catch_up(site, standing)
        except (Refused, TimeoutError) as error:
            self._log.warning("the true heads cannot be had", site=site, error=str(error))
            await asyncio.sleep(AGAIN_S)
            self._sites.add(site)
            self._wanted.set()

    async def _catch_up(self, site: str, standing: SiteStatus) -> None:
        links = self._hub.sites.get(site)
        if links is None:
            return
        standing.begin_sync(site)
        cursors = await _lowest_cursors(links)
        ask = SyncQuery(site, cursors, list(links.visitors), list(links.agents), waiting=True)
        answer = await self._syncing.ask(ask)
        await self._tell_heads(links, answer.heads)
        for state in answer.conversations:
            self._directory.note_state(state)
            self._tell_epoch(links, state)
            await self._introduce(links, state)
        open_here = [state for state in answer.conversations if state.status != "closed"]
        for conversation in standing.synced(site, open_here, answer.waiting)[:MAX_VANISHED]:
            await self._ask_state(site, conversation, standing)

    async def _tell_heads(self, links: SiteConnections, heads: dict[str, Head]) -> None:
        for count, link in enumerate(list(links.all_links())):
            if count % CONNECTION_BATCH == CONNECTION_BATCH - 1:
                await asyncio.sleep(0)
            for conversation in heads.keys() & link.cursors.positions.keys():
                link.send_stale(conversation, heads[conversation].epoch, heads[conversation].head)

    def _tell_epoch(self, links: SiteConnections, state: Conversation) -> None:
        """A log that was begun anew, as by a restore, may be shorter than its copies: those are void though nothing is ahead of them."""
        for link in [*links.visitors.get(state.visitor.id, ()), *links.agents.get(state.assignee.id, ())]:
            if link.cursors.is_new_epoch(state.conversation, state.epoch):
                link.send_stale(state.conversation, state.epoch, state.head)

    async def _introduce(self, links: SiteConnections, state: Conversation) -> None:
        """A conversation that began unheard: its people get it from the start, as if the hints had come.

        Visitors also one that has ended since: it is their newest, which the `welcome` of this socket would else have named.
        """
        people = [*links.visitors.get(state.visitor.id, ())]
        if state.status != "closed":
            people += links.agents.get(state.assignee.id, ())
        for link in people:
            unknown = state.conversation not in link.cursors.positions and not link.cursors.is_full
            if link.is_live and link.identity is not None and unknown:
                await self._replay(link, link.identity, state)

    async def _replay(self, link: Connection, who: PeerIdentity, state: Conversation) -> None:
        request = FetchRequest(
            site=who.site, conversation=state.conversation, reader=who.person, limit=frames.FETCH_LIMIT
        )
        page = await self._chat.call(lambda stub: stub.Fetch, request, key=state.conversation)
        for entry in page.entries:
            frame = text_frame(encode(entry_json(entry)))
            link.deliver(EntryFrame(state.conversation, page.epoch, entry.seq, frame))
        if page.more:
            link.send_stale(state.conversation, page.epoch, page.head)

    async def _ask_state(self, site: str, conversation: str, standing: SiteStatus) -> None:
        request = GetConversationRequest(site=site, conversation=conversation, reader=GATEWAY)
        answer = await self._chat.call(lambda stub: stub.GetConversation, request, key=conversation)
        self._directory.note_state(answer.conversation)
        standing.heard(answer.conversation)


async def _lowest_cursors(links: SiteConnections) -> dict[str, int]:
    """Of each conversation that a live socket has a copy of, the shortest copy."""
    lowest: dict[str, int] = {}
    for count, link in enumerate(list(links.all_links())):
        if count % CONNECTION_BATCH == CONNECTION_BATCH - 1:
            await asyncio.sleep(0)
        if link.is_live:
            for conversation, place in link.cursors.positions.items():
                lowest[conversation] = min(place.seq, lowest.get(conversation, place.seq))
    return lowest
