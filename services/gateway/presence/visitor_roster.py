"""Online visitors of the sites whose agents watch the list, and the windows of those agents.

A site's list is replicated while an agent watches it. Each watcher gets its window once, then at most two changes a second. A slow
connection gets fewer, each up to date. Under overload no watcher gets changes until the load is gone.
"""

import asyncio
from collections.abc import Callable

from palique.presence.v1.live_pb2 import VisitorsDelta
from palique.presence.v1.presence_pb2 import ListOnlineRequest, ListOnlineResponse

from kit.bus.contract import decoded, require
from kit.bus.subscriber import LiveSubscriber
from kit.runtime.logs import Log
from kit.times import is_representable
from kit.vocabulary import VISITOR_STATES
from services.gateway.backends import PresencePool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.handlers import SyncHandler
from services.gateway.connection.peer import PeerIdentity
from services.gateway.fanout.refresh_loop import POLL_S, RefreshLoop
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.overload.load_shedding import Shed
from services.gateway.presence.list_window import Row, Window
from services.gateway.presence.site_roster import SiteRoster, Watcher, open_window, query_of, row_of, send_change

KEY_PREFIX = "visitors."
FLUSH_S = 0.5
# Safety net below the numbered deltas; without the bus, POLL_S.
REFRESH_S = 30.0
# Visitors in one answer of presence, so that no answer is too large.
PAGE_SIZE = 5000
# An unwatched list is kept over a reload of the only dashboard.
KEEP_MS = 30_000


class VisitorRoster:
    """`run` and `refresh.run` must be running. `subscriber` is set once it exists. `renamed` takes site, visitor and new name."""

    def __init__(
        self,
        presence: PresencePool,
        *,
        bus_is_up: Callable[[], bool],
        sheds: Callable[[Shed], bool],
        tasks: BackgroundTasks,
        renamed: Callable[[str, str, str], None],
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._presence = presence
        self._sheds = sheds
        self._tasks = tasks
        self._renamed = renamed
        self._now = now
        self._metrics = metrics
        self.page_size = page_size
        self.subscriber: LiveSubscriber | None = None
        self._sites: dict[str, SiteRoster] = {}
        self.refresh = RefreshLoop(
            self._read,
            sites=lambda: list(self._sites),
            interval_s=lambda: REFRESH_S if bus_is_up() else POLL_S,
            log=log,
        )

    def watch(self, connection: Connection, identity: PeerIdentity, frame: frames.WatchVisitors) -> None:
        """Opens, moves or (limit 0) closes the agent's window."""
        connection.protocol.request_done()
        if frame.limit == 0:
            self.unwatch(connection, identity)
            return
        site = self._sites.get(identity.site)
        if site is None:
            site = self._sites[identity.site] = SiteRoster()
            self.refresh.request(identity.site)
        before = site.watchers.get(connection.id)
        version = before.version if before is not None else 0
        watcher = Watcher(connection, query_of(frame), Window(frame.offset, frame.limit), version)
        site.watchers[connection.id] = watcher
        site.unwatched_ms = None
        if site.loaded:
            site.update_views(self._now())
            open_window(site, watcher, self._now())

    def unwatch(self, connection: Connection, identity: PeerIdentity) -> None:
        """Closes the agent's window, if it is open."""
        site = self._sites.get(identity.site)
        if site is not None:
            site.watchers.pop(connection.id, None)

    def apply_delta(self, site_key: str, body: bytes) -> None:
        """Applies a VisitorsDelta from the bus, or raises InvalidMessage and changes nothing."""
        site = self._sites.get(site_key)
        if site is None:
            return
        delta = decoded(VisitorsDelta, body)
        times = (at_ms for row in delta.upserts for at_ms in (row.since_ms, row.page.at_ms))
        require(all(map(is_representable, times)), "A time is out of range.")
        require(all(row.state in VISITOR_STATES for row in delta.upserts), "A state is unknown.")
        for row in delta.upserts:
            before = site.visitors.rows.get(row.visitor)
            if site.visitors.upsert(row.visitor, row.rev, row_of(row)):
                site.changed.add(row.visitor)
                self._note_name(site_key, before, row.visitor, row.name)
        for gone in delta.gone:
            before = site.visitors.rows.get(gone.visitor)
            removed = site.visitors.remove(gone.visitor, gone.rev)
            if removed:
                site.changed.add(gone.visitor)
            # A row that stays is newer than this message.
            if removed or before is None:
                self._note_name(site_key, before, gone.visitor, gone.name)
        if site.gaps.observe(delta.publisher, delta.number, self._now()):
            self.refresh.request(site_key)

    def name(self, site_key: str, visitor_id: str) -> str | None:
        """The current name of an online visitor of a watched site."""
        site = self._sites.get(site_key)
        row = None if site is None else site.visitors.rows.get(visitor_id)
        return None if row is None else row.name

    def _note_name(self, site_key: str, before: Row | None, visitor_id: str, name: str) -> None:
        """Of a visitor without a row the earlier name is not known. Older processes send no name with one that leaves."""
        if name and (before is None or before.name != name):
            self._renamed(site_key, visitor_id, name)

    def sync_handlers(self) -> dict[type[frames.ClientFrame], SyncHandler]:
        return {frames.WatchVisitors: self.watch}

    async def run(self) -> None:
        """Sends changes to the watchers, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            for site_key, site in list(self._sites.items()):
                if not self._sheds(Shed.VISITOR_ACTIVITY):
                    self._flush(site)
                self._drop_if_unwatched(site_key, site)

    def _flush(self, site: SiteRoster) -> None:
        if not site.loaded:
            return
        now_ms = self._now()
        site.update_views(now_ms)
        for watcher in site.watchers.values():
            if watcher.connection.is_slow:
                continue
            if watcher.opened:
                send_change(site, watcher, now_ms)
            else:
                open_window(site, watcher, now_ms)
        site.drop_unused_views()

    def _drop_if_unwatched(self, site_key: str, site: SiteRoster) -> None:
        if site.watchers:
            return
        now_ms = self._now()
        if site.unwatched_ms is None:
            site.unwatched_ms = now_ms
        elif now_ms - site.unwatched_ms >= KEEP_MS:
            del self._sites[site_key]
            if self.subscriber is not None:
                self._tasks.start(self.subscriber.unfollow(KEY_PREFIX + site_key))

    async def _read(self, site_key: str) -> None:
        """Subscribes first, then reads, so that no change is lost between the two."""
        if site_key not in self._sites:
            return
        if self.subscriber is not None:
            await self.subscriber.follow(KEY_PREFIX + site_key)
        answer = await self._list_online(site_key)
        self._metrics.snapshots.labels("visitors").inc()
        site = self._sites.get(site_key)
        if site is None:
            return
        rows = {row.visitor: (row.rev, row_of(row)) for row in answer.rows}
        before = dict(site.visitors.rows)
        changed, removed = site.visitors.apply_snapshot(rows, answer.as_of_rev)
        for visitor_id in changed:
            if visitor_id in before:
                self._note_name(site_key, before[visitor_id], visitor_id, site.visitors.rows[visitor_id].name)
        left = [gone.visitor for gone in answer.gone if site.visitors.remove(gone.visitor, gone.rev)]
        site.changed.update(changed, removed, left)
        if not site.loaded:
            site.loaded = True
            self._flush(site)

    async def _list_online(self, site_key: str) -> ListOnlineResponse:
        """All pages as one answer: the state when the first was read, and the visitors that left since."""
        request = ListOnlineRequest(site=site_key, page_size=self.page_size)
        whole = await self._presence.call(lambda stub: stub.ListOnline, request, key=site_key)
        token = whole.next_page_token
        while token:
            request.page_token = token
            page = await self._presence.call(lambda stub: stub.ListOnline, request, key=site_key)
            whole.rows.extend(page.rows)
            whole.gone.extend(page.gone)
            token = page.next_page_token
        return whole
