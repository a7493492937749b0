"""Online visitors of the sites whose agents watch the list, and the windows of those agents.

A site's list is replicated while an agent watches it. Each watcher gets its window once, then at most two changes a second. A slow
connection gets fewer, each up to date. Under overload no watcher gets changes until the load is gone.
"""

import asyncio
from collections.abc import Callable, Iterable

import msgspec
from palique.presence.v1.live_pb2 import VisitorsDelta
from palique.presence.v1.presence_pb2 import ListOnlineRequest, ListOnlineResponse, VisitorRow

from kit.bus.contract import decoded, require
from kit.bus.subscriber import LiveSubscriber
from kit.runtime.logs import Log
from kit.times import is_representable, rfc3339
from services.gateway.backends import PresencePool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection, PeerIdentity
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.handlers import SyncHandler
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.fanout.refresh_loop import POLL_S, RefreshLoop
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.overload.load_shedding import Shed
from services.gateway.presence.list_window import SORTS_OF_TEXT, ListQuery, Row, SortedView, Window
from services.gateway.presence.replicated_list import ReplicatedList

KEY_PREFIX = "visitors."
FLUSH_S = 0.5
# Safety net below the numbered deltas; without the bus, POLL_S.
REFRESH_S = 30.0
# Visitors in one answer of presence, so that no answer is too large.
PAGE_SIZE = 5000
# An unwatched list is kept over a reload of the only dashboard.
KEEP_MS = 30_000


class _Watcher:
    def __init__(self, connection: Connection, query: ListQuery, window: Window, version: int) -> None:
        self.connection = connection
        self.query = query
        self.window = window
        self.version = version
        self.opened = False


class _SiteRoster:
    def __init__(self) -> None:
        self.visitors: ReplicatedList[Row] = ReplicatedList()
        self.gaps = GapDetector()
        self.loaded = False
        # Ids whose rows changed since the views were updated.
        self.changed: set[str] = set()
        self.views: dict[ListQuery, SortedView] = {}
        # By connection id.
        self.watchers: dict[str, _Watcher] = {}
        self.unwatched_ms: int | None = None

    def view(self, query: ListQuery, now_ms: int) -> SortedView:
        if query not in self.views:
            self.views[query] = SortedView(query, self.visitors.rows, now_ms)
        return self.views[query]

    def update_views(self, now_ms: int) -> None:
        changed, self.changed = self.changed, set()
        for visitor_id in changed:
            row = self.visitors.rows.get(visitor_id)
            for view in self.views.values():
                view.change(visitor_id, row, now_ms)
        for view in self.views.values():
            view.pass_time(self.visitors.rows, now_ms)

    def drop_unused_views(self) -> None:
        used = {watcher.query for watcher in self.watchers.values()}
        self.views = {query: view for query, view in self.views.items() if query in used}


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
        self._sites: dict[str, _SiteRoster] = {}
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
            site = self._sites[identity.site] = _SiteRoster()
            self.refresh.request(identity.site)
        before = site.watchers.get(connection.id)
        version = before.version if before is not None else 0
        watcher = _Watcher(connection, _query(frame), Window(frame.offset, frame.limit), version)
        site.watchers[connection.id] = watcher
        site.unwatched_ms = None
        if site.loaded:
            site.update_views(self._now())
            _open(site, watcher, self._now())

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

    def _flush(self, site: _SiteRoster) -> None:
        if not site.loaded:
            return
        now_ms = self._now()
        site.update_views(now_ms)
        for watcher in site.watchers.values():
            if watcher.connection.is_slow:
                continue
            if watcher.opened:
                _send_change(site, watcher, now_ms)
            else:
                _open(site, watcher, now_ms)
        site.drop_unused_views()

    def _drop_if_unwatched(self, site_key: str, site: _SiteRoster) -> None:
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


def _query(frame: frames.WatchVisitors) -> ListQuery:
    chosen = frame.filter
    return ListQuery(
        frame.sort,
        frame.descending,
        chosen.text or "",
        chosen.state or "",
        (chosen.country or "").upper(),
        chosen.page or "",
        chosen.min_visits or 0,
        chosen.min_chats or 0,
        (chosen.min_on_page_s or 0) * 1000,
        (chosen.min_on_site_s or 0) * 1000,
        # Readers of all languages share a view whose order has no texts.
        frame.language if frame.sort in SORTS_OF_TEXT else "",
    )


def _open(site: _SiteRoster, watcher: _Watcher, now_ms: int) -> None:
    view = site.view(watcher.query, now_ms)
    rows = watcher.window.open(view, site.visitors.rows)
    watcher.opened = True
    watcher.version += 1
    online = len(site.visitors.rows)
    watcher.connection.send(frames.Visitors(len(view), online, watcher.version, _raw(rows)))


def _send_change(site: _SiteRoster, watcher: _Watcher, now_ms: int) -> None:
    view = site.view(watcher.query, now_ms)
    change = watcher.window.change(view, site.visitors.rows)
    if change is None:
        return
    watcher.version += 1
    watcher.connection.send(
        frames.VisitorsChanged(
            total=len(view),
            online=len(site.visitors.rows),
            version=watcher.version,
            upsert=_raw(change.upsert),
            remove=change.remove,
            order=change.order,
        )
    )


def _raw(rows: Iterable[Row]) -> list[msgspec.Raw]:
    return [msgspec.Raw(row.raw) for row in rows]


def row_of(row: VisitorRow) -> Row:
    """The row for the views, with its encoded form for browsers."""
    shown = frames.VisitorRow(
        visitor=row.visitor,
        name=row.name,
        state=row.state,
        region=row.region,
        country=row.country or None,
        page=frames.VisitedPage(row.page.url, row.page.title, rfc3339(row.page.at_ms)),
        visits=row.visits,
        chats=row.chats,
        since=rfc3339(row.since_ms),
        device=row.device,
        browser=row.browser,
        os=row.os,
    )
    return Row(
        row.visitor,
        row.name,
        row.state,
        row.region,
        row.country,
        row.page.title,
        row.page.url,
        row.visits,
        row.chats,
        row.since_ms,
        row.page.at_ms,
        encode(shown),
    )
