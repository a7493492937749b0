"""Who is online on the sites whose agents are here and look, and the windows that those agents look through.

A site's list is followed while somebody watches it. Each watcher gets their window once, then at most two changes a second;
one who reads slowly gets fewer, each up to the moment, and under too much load nobody gets any until it is over.
"""

import asyncio
from collections.abc import Callable, Iterable

import msgspec
from palique.presence.v1.live_pb2 import VisitorsDelta
from palique.presence.v1.presence_pb2 import ListOnlineRequest, ListOnlineResponse, VisitorRow

from kit.bus.subscriber import LiveSubscriber
from kit.runtime.logs import Log
from kit.times import rfc3339
from services.gateway.backends import PresencePool
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection, PeerIdentity
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.handlers import SyncHandler
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.metrics import Metrics
from services.gateway.overload.background_tasks import BackgroundTasks
from services.gateway.overload.load_shedding import Shed
from services.gateway.presence.list_window import ListQuery, Row, SortedView, Window
from services.gateway.presence.replicated_list import ReplicatedList
from services.gateway.presence.snapshot_refresh import SnapshotRefresh

KEY_PREFIX = "visitors."
FLUSH_S = 0.5
# Visitors in one answer of presence: a few, so that none is too large.
PAGE = 5000
# Past a reload of the only dashboard the list is still there.
KEEP_MS = 30_000


class _Watcher:
    def __init__(self, link: Connection, order: ListQuery, window: Window, version: int) -> None:
        self.link = link
        self.order = order
        self.window = window
        self.version = version
        self.opened = False


class _Site:
    def __init__(self) -> None:
        self.roster: ReplicatedList[Row] = ReplicatedList()
        self.reader = GapDetector()
        self.loaded = False
        self.changed: set[str] = set()
        self.views: dict[ListQuery, SortedView] = {}
        self.watchers: dict[str, _Watcher] = {}
        self.unwatched_ms: int | None = None

    def view(self, order: ListQuery, now_ms: int) -> SortedView:
        if order not in self.views:
            self.views[order] = SortedView(order, self.roster.rows, now_ms)
        return self.views[order]

    def settle(self, now_ms: int) -> None:
        """Brings the views up to the roster and the time."""
        changed, self.changed = self.changed, set()
        for visitor in changed:
            row = self.roster.rows.get(visitor)
            for view in self.views.values():
                view.change(visitor, row, now_ms)
        for view in self.views.values():
            view.pass_time(self.roster.rows, now_ms)


class VisitorRoster:
    """`run` and `refreshing.run` must be running; `subscriber` is given once it exists."""

    def __init__(
        self,
        presence: PresencePool,
        *,
        bus_is_up: Callable[[], bool],
        sheds: Callable[[Shed], bool],
        tasks: BackgroundTasks,
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._presence = presence
        self._sheds = sheds
        self._tasks = tasks
        self._now = now
        self._metrics = metrics
        self._sites: dict[str, _Site] = {}
        self.subscriber: LiveSubscriber | None = None
        self.refreshing = SnapshotRefresh(self._read, sites=lambda: list(self._sites), bus_is_up=bus_is_up, log=log)

    def watch(self, link: Connection, who: PeerIdentity, frame: frames.WatchVisitors) -> None:
        """Opens, moves or (limit 0) closes the agent's window."""
        link.protocol.request_done()
        if frame.limit == 0:
            self.forget(link, who)
            return
        site = self._sites.get(who.site)
        if site is None:
            site = self._sites[who.site] = _Site()
            self.refreshing.want(who.site)
        before = site.watchers.get(link.id)
        order = _order_of(frame)
        version = before.version if before is not None else 0
        watcher = _Watcher(link, order, Window(frame.offset, frame.limit), version)
        site.watchers[link.id] = watcher
        site.unwatched_ms = None
        if site.loaded:
            site.settle(self._now())
            _open(site, watcher, self._now())

    def forget(self, link: Connection, who: PeerIdentity) -> None:
        """The agent looks no more."""
        site = self._sites.get(who.site)
        if site is not None:
            site.watchers.pop(link.id, None)

    def take(self, site_key: str, body: bytes) -> None:
        """A delta from the bus."""
        site = self._sites.get(site_key)
        if site is None:
            return
        delta = VisitorsDelta.FromString(body)
        for row in delta.upserts:
            if site.roster.upsert(row.visitor, row.rev, row_of(row)):
                site.changed.add(row.visitor)
        for gone in delta.gone:
            if site.roster.remove(gone.visitor, gone.rev):
                site.changed.add(gone.visitor)
        if site.reader.heard(delta.publisher, delta.number, self._now()):
            self.refreshing.want(site_key)

    def sync_handlers(self) -> dict[type[frames.ClientFrame], SyncHandler]:
        return {frames.WatchVisitors: self.watch}

    async def run(self) -> None:
        """Tells watchers what changed, until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_S)
            for key, site in list(self._sites.items()):
                if not self._sheds(Shed.VISITOR_ACTIVITY):
                    self._flush(site)
                self._let_go(key, site)

    def _flush(self, site: _Site) -> None:
        if not site.loaded:
            return
        now_ms = self._now()
        site.settle(now_ms)
        for watcher in site.watchers.values():
            if watcher.link.is_slow:
                continue
            if watcher.opened:
                _tell(site, watcher, now_ms)
            else:
                _open(site, watcher, now_ms)
        used = {watcher.order for watcher in site.watchers.values()}
        site.views = {order: view for order, view in site.views.items() if order in used}

    def _let_go(self, key: str, site: _Site) -> None:
        if site.watchers:
            return
        now_ms = self._now()
        if site.unwatched_ms is None:
            site.unwatched_ms = now_ms
        elif now_ms - site.unwatched_ms >= KEEP_MS:
            del self._sites[key]
            if self.subscriber is not None:
                self._tasks.start(self.subscriber.unfollow(KEY_PREFIX + key))

    async def _read(self, key: str) -> None:
        """Follows first, then reads, so that nothing falls between."""
        if key not in self._sites:
            return
        if self.subscriber is not None:
            await self.subscriber.follow(KEY_PREFIX + key)
        answer = await self._all_online(key)
        self._metrics.snapshots.labels("visitors").inc()
        site = self._sites.get(key)
        if site is None:
            return
        rows = {row.visitor: (row.rev, row_of(row)) for row in answer.rows}
        changed, removed = site.roster.snapshot(rows, answer.as_of_rev)
        left = [gone.visitor for gone in answer.gone if site.roster.remove(gone.visitor, gone.rev)]
        site.changed.update(changed, removed, left)
        if not site.loaded:
            site.loaded = True
            self._flush(site)

    async def _all_online(self, key: str) -> ListOnlineResponse:
        """All pages as one: what was true when the first was read, and everybody who has left since."""
        request = ListOnlineRequest(site=key, page_size=PAGE)
        whole = await self._presence.call(lambda stub: stub.ListOnline, request, key=key)
        following = whole.next_page_token
        while following:
            request.page_token = following
            page = await self._presence.call(lambda stub: stub.ListOnline, request, key=key)
            whole.rows.extend(page.rows)
            whole.gone.extend(page.gone)
            following = page.next_page_token
        return whole


def _order_of(frame: frames.WatchVisitors) -> ListQuery:
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
    )


def _open(site: _Site, watcher: _Watcher, now_ms: int) -> None:
    view = site.view(watcher.order, now_ms)
    rows = watcher.window.open(view, site.roster.rows)
    watcher.opened = True
    watcher.version += 1
    watcher.link.send(frames.Visitors(len(view), len(site.roster.rows), watcher.version, _raw(rows)))


def _tell(site: _Site, watcher: _Watcher, now_ms: int) -> None:
    view = site.view(watcher.order, now_ms)
    change = watcher.window.change(view, site.roster.rows)
    if change is None:
        return
    watcher.version += 1
    watcher.link.send(
        frames.VisitorsChanged(
            total=len(view),
            online=len(site.roster.rows),
            version=watcher.version,
            upsert=_raw(change.upsert),
            remove=change.remove,
            order=change.order,
        )
    )


def _raw(rows: Iterable[Row]) -> list[msgspec.Raw]:
    return [msgspec.Raw(row.raw) for row in rows]


def row_of(row: VisitorRow) -> Row:
    """A row as it is sorted, filtered and sent."""
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
