"""The online visitors of one site as its agents watch them: the list, its sorted views, and the windows of the agents."""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET
from palique.presence.v1.presence_pb2 import VisitorRow

from kit.times import rfc3339
from services.gateway.connection import frames
from services.gateway.connection.connection import Connection
from services.gateway.connection.frame_codec import encode
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.presence.list_window import SORTS_OF_TEXT, ListQuery, Row, SortedView, Window
from services.gateway.presence.replicated_list import ReplicatedList


class Watcher:
    def __init__(self, connection: Connection, query: ListQuery, window: Window, version: int) -> None:
        self.connection = connection
        self.query = query
        self.window = window
        self.version = version
        self.opened = False


class SiteRoster:
    def __init__(self) -> None:
        self.visitors: ReplicatedList[Row] = ReplicatedList()
        self.gaps = GapDetector()
        self.loaded = False
        # Ids whose rows changed since the views were updated.
        self.changed: set[str] = set()
        self.views: dict[ListQuery, SortedView] = {}
        # By connection id.
        self.watchers: dict[str, Watcher] = {}
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


def query_of(frame: frames.WatchVisitors) -> ListQuery:
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
        # Readers of all languages share a view without texts in its order or filter.
        frame.language if frame.sort in SORTS_OF_TEXT or chosen.text else "",
    )


def open_window(site: SiteRoster, watcher: Watcher, now_ms: int) -> None:
    view = site.view(watcher.query, now_ms)
    rows = watcher.window.open(view, site.visitors.rows)
    watcher.opened = True
    watcher.version += 1
    online = len(site.visitors.rows)
    watcher.connection.send(frames.Visitors(len(view), online, watcher.version, _raw(rows)))


def send_change(site: SiteRoster, watcher: Watcher, now_ms: int) -> None:
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
        fields_version=row.fields_version or UNSET,
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
