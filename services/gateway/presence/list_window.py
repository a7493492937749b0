"""Windows on a long list that changes: a sorted, filtered view shared by all who look at it the same way, and what each of them
must be told so that their copy of a part of it stays right. Pure: the time comes in as milliseconds since 1970.

A view changes by its rows' changes, never by sorting all again. A change costs two bisections and a shift of pointers in one flat
list: measured at 2 µs with 5,000 visitors and 8 µs with 20,000, where a tree of lists takes 2 and 5.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kit.vocabulary import VISITOR_STATES

_STATE_RANKS: dict[str, int] = {state: rank for rank, state in enumerate(VISITOR_STATES)}


class Row(NamedTuple):
    """One visitor. `raw` is the row as browsers get it, encoded once; equal bytes are an equal row."""

    visitor: str
    name: str
    state: str
    region: str
    country: str
    title: str
    url: str
    visits: int
    chats: int
    since_ms: int
    page_at_ms: int
    raw: bytes


class ListQuery(NamedTuple):
    """How somebody looks at the list. Empty texts and zeros let everything through."""

    sort: str
    descending: bool
    text: str = ""
    state: str = ""
    country: str = ""
    page: str = ""
    min_visits: int = 0
    min_chats: int = 0
    min_on_page_ms: int = 0
    min_on_site_ms: int = 0


Key = tuple[Any, str]

_KEYS: dict[str, Callable[[Row], Any]] = {
    "since": lambda row: row.since_ms,
    "name": lambda row: row.name.casefold(),
    "state": lambda row: _STATE_RANKS.get(row.state, len(_STATE_RANKS)),
    "region": lambda row: row.region.casefold(),
    "page": lambda row: (row.title.casefold(), row.url),
    "page_at": lambda row: row.page_at_ms,
    "visits": lambda row: row.visits,
    "chats": lambda row: row.chats,
}


class SortedView:
    """All rows that one order lets through, in its order; equal ones by id, so that the order is total."""

    def __init__(self, order: ListQuery, rows: Mapping[str, Row], now_ms: int) -> None:
        self._order = order
        self._key = _KEYS[order.sort]
        self._needle = order.text.casefold()
        self._page = order.page.casefold()
        # Those whom only the time keeps out, and until when: no change of theirs tells that they have come in.
        self._early: dict[str, int] = {}
        shown = [row for row in rows.values() if self._lets_in(row, now_ms)]
        self._key_of: dict[str, Key] = {row.visitor: (self._key(row), row.visitor) for row in shown}
        self._sorted: list[Key] = sorted(self._key_of.values())

    def __len__(self) -> int:
        return len(self._sorted)

    def change(self, visitor: str, row: Row | None, now_ms: int) -> None:
        """A row is new, changed, or gone (None)."""
        self._early.pop(visitor, None)
        before = self._key_of.get(visitor)
        after = (self._key(row), visitor) if row is not None and self._lets_in(row, now_ms) else None
        if before == after:
            return
        if before is not None:
            del self._key_of[visitor]
            del self._sorted[bisect_left(self._sorted, before)]
        if after is not None:
            self._key_of[visitor] = after
            insort(self._sorted, after)

    def pass_time(self, rows: Mapping[str, Row], now_ms: int) -> None:
        """Lets in who has been there for long enough by now; `rows` are those that the view was changed to."""
        due = [visitor for visitor, from_ms in self._early.items() if from_ms <= now_ms]
        for visitor in due:
            self.change(visitor, rows.get(visitor), now_ms)

    def window(self, offset: int, limit: int) -> list[str]:
        """The ids of a part of the list."""
        if not self._order.descending:
            return [visitor for _, visitor in self._sorted[offset : offset + limit]]
        end = len(self._sorted) - offset
        return [visitor for _, visitor in self._sorted[max(0, end - limit) : max(0, end)][::-1]]

    def _lets_in(self, row: Row, now_ms: int) -> bool:
        """Now; who is only too early is noted."""
        order = self._order
        if not self._fits(row):
            return False
        if not order.min_on_page_ms and not order.min_on_site_ms:
            return True
        from_ms = max(row.page_at_ms + order.min_on_page_ms, row.since_ms + order.min_on_site_ms)
        if from_ms > now_ms:
            self._early[row.visitor] = from_ms
        return from_ms <= now_ms

    def _fits(self, row: Row) -> bool:
        order = self._order
        if order.state not in ("", row.state) or order.country not in ("", row.country):
            return False
        if row.visits < order.min_visits or row.chats < order.min_chats:
            return False
        return _holds(self._page, row.title, row.url) and _holds(self._needle, row.name, row.title, row.url, row.region)


def _holds(needle: str, *texts: str) -> bool:
    return not needle or any(needle in text.casefold() for text in texts)


class Change(NamedTuple):
    """What turns one window into the next."""

    upsert: list[Row]
    remove: list[str]
    order: list[str]


class Window:
    """What one client was last told of its part of a view."""

    def __init__(self, offset: int, limit: int) -> None:
        self._offset = offset
        self._limit = limit
        self._rows: dict[str, Row] = {}
        self._totals: tuple[int, int] | None = None

    def open(self, view: SortedView, rows: Mapping[str, Row]) -> list[Row]:
        """All of it, in order."""
        shown = [rows[visitor] for visitor in view.window(self._offset, self._limit)]
        self._rows = {row.visitor: row for row in shown}
        self._totals = (len(view), len(rows))
        return shown

    def change(self, view: SortedView, rows: Mapping[str, Row]) -> Change | None:
        """What happened since it was last told; None when nothing that it shows."""
        order = view.window(self._offset, self._limit)
        now = {visitor: rows[visitor] for visitor in order}
        upsert = [row for visitor, row in now.items() if not self._has(visitor, row)]
        remove = [visitor for visitor in self._rows if visitor not in now]
        totals = (len(view), len(rows))
        if not upsert and not remove and totals == self._totals and order == list(self._rows):
            return None
        self._rows = now
        self._totals = totals
        return Change(upsert, remove, order)

    def _has(self, visitor: str, row: Row) -> bool:
        known = self._rows.get(visitor)
        return known is not None and (known is row or known.raw == row.raw)
