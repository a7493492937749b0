"""Sorted, filtered views of a changing list, and windows on them. Pure: time is an argument, in milliseconds since 1970.

A view is shared by all connections with the same query. A window knows the rows that one connection has, and returns what must be sent
so that its copy stays equal. A view is updated row by row and never sorted again. A change costs two bisections and a shift of pointers in
one flat list: measured at 2 µs with 5,000 visitors and 8 µs with 20,000, where a tree of lists takes 2 and 5.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Mapping
from typing import NamedTuple

from kit.text.collation import sort_key
from kit.text.search_terms import fold
from kit.vocabulary import VISITOR_STATES, VisitorState
from services.gateway.client_info.country_names import country_names

WAITING: VisitorState = "waiting"
_STATE_RANKS: dict[str, int] = {state: rank for rank, state in enumerate(VISITOR_STATES)}


class Row(NamedTuple):
    """One visitor. `raw` is the encoded row for browsers; equal bytes mean an equal row."""

    id: str
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
    """Order and filters of a view. Empty texts and zeros do not filter. `language` is the reader's, for the order and names of places."""

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
    language: str = ""


# False sorts first: the rank of a waiting visitor, the value of the sort, the id.
Key = tuple[bool, object, str]

SORTS_OF_TEXT = frozenset({"name", "region", "page"})
# The value that a row is ordered by, for a reader of a language.
_KEYS: dict[str, Callable[[Row, str], object]] = {
    "since": lambda row, _: row.since_ms,
    "name": lambda row, language: sort_key(row.name, language),
    "state": lambda row, _: _STATE_RANKS.get(row.state, len(_STATE_RANKS)),
    # Places without a country come after the countries.
    "region": lambda row, language: (not row.country, sort_key(place_name(row, language), language)),
    "page": lambda row, language: (sort_key(row.title, language), row.url),
    "page_at": lambda row, _: row.page_at_ms,
    "visits": lambda row, _: row.visits,
    "chats": lambda row, _: row.chats,
}


def place_name(row: Row, language: str) -> str:
    """What a reader of the language sees as the place: the country's name, else the region."""
    return country_names(language).get(row.country, row.region)


class SortedView:
    """The rows that match a query: waiting visitors first, whatever its order. Equal rows are ordered by id, so that the order is total."""

    def __init__(self, query: ListQuery, rows: Mapping[str, Row], now_ms: int) -> None:
        self._query = query
        self._key = _KEYS[query.sort]
        self._needle = fold(query.text)
        self._page = fold(query.page)
        # Rows that match except for the minimum time, and when they will: no change of the row announces it.
        self._early: dict[str, int] = {}
        shown = [row for row in rows.values() if self._matches(row, now_ms)]
        self._key_of: dict[str, Key] = {row.id: self._key_of_row(row) for row in shown}
        self._sorted: list[Key] = sorted(self._key_of.values())

    def __len__(self) -> int:
        return len(self._sorted)

    def change(self, visitor_id: str, row: Row | None, now_ms: int) -> None:
        """Applies a row that is new, changed, or removed (None)."""
        self._early.pop(visitor_id, None)
        before = self._key_of.get(visitor_id)
        after = self._key_of_row(row) if row is not None and self._matches(row, now_ms) else None
        if before == after:
            return
        if before is not None:
            del self._key_of[visitor_id]
            del self._sorted[bisect_left(self._sorted, before)]
        if after is not None:
            self._key_of[visitor_id] = after
            insort(self._sorted, after)

    def pass_time(self, rows: Mapping[str, Row], now_ms: int) -> None:
        """Adds the rows that reached the minimum time. `rows` are those that were passed to `change`."""
        due = [visitor_id for visitor_id, from_ms in self._early.items() if from_ms <= now_ms]
        for visitor_id in due:
            self.change(visitor_id, rows.get(visitor_id), now_ms)

    def window(self, offset: int, limit: int) -> list[str]:
        """The ids of a part of the view."""
        if not self._query.descending:
            return [key[-1] for key in self._sorted[offset : offset + limit]]
        end = len(self._sorted) - offset
        return [key[-1] for key in self._sorted[max(0, end - limit) : max(0, end)][::-1]]

    def _key_of_row(self, row: Row) -> Key:
        # A descending view is read from its end, so waiting visitors rank last in it.
        rank = (row.state == WAITING) is self._query.descending
        return (rank, self._key(row, self._query.language), row.id)

    def _matches(self, row: Row, now_ms: int) -> bool:
        """Whether the row matches now. One that is only too early is remembered."""
        query = self._query
        if not self._fits(row):
            return False
        if not query.min_on_page_ms and not query.min_on_site_ms:
            return True
        from_ms = max(row.page_at_ms + query.min_on_page_ms, row.since_ms + query.min_on_site_ms)
        if from_ms > now_ms:
            self._early[row.id] = from_ms
        return from_ms <= now_ms

    def _fits(self, row: Row) -> bool:
        query = self._query
        if query.state not in ("", row.state) or query.country not in ("", row.country):
            return False
        if row.visits < query.min_visits or row.chats < query.min_chats:
            return False
        return _contains(self._page, row.title, row.url) and _contains(
            self._needle, row.name, row.title, row.url, place_name(row, query.language)
        )


def _contains(needle: str, *texts: str) -> bool:
    return not needle or any(needle in fold(text) for text in texts)


class Change(NamedTuple):
    """The difference between two states of a window."""

    upsert: list[Row]
    remove: list[str]
    order: list[str]


class Window:
    """A part of a view, as one client knows it."""

    def __init__(self, offset: int, limit: int) -> None:
        self._offset = offset
        self._limit = limit
        self._rows: dict[str, Row] = {}
        self._totals: tuple[int, int] | None = None

    def open(self, view: SortedView, rows: Mapping[str, Row]) -> list[Row]:
        """All rows of the window, in order."""
        shown = [rows[visitor_id] for visitor_id in view.window(self._offset, self._limit)]
        self._rows = {row.id: row for row in shown}
        self._totals = (len(view), len(rows))
        return shown

    def change(self, view: SortedView, rows: Mapping[str, Row]) -> Change | None:
        """The difference to the last state; None when neither the rows nor the totals changed."""
        order = view.window(self._offset, self._limit)
        now = {visitor_id: rows[visitor_id] for visitor_id in order}
        upsert = [row for row in now.values() if not self._has(row)]
        remove = [visitor_id for visitor_id in self._rows if visitor_id not in now]
        totals = (len(view), len(rows))
        if not upsert and not remove and totals == self._totals and order == list(self._rows):
            return None
        self._rows = now
        self._totals = totals
        return Change(upsert, remove, order)

    def _has(self, row: Row) -> bool:
        known = self._rows.get(row.id)
        return known is not None and (known is row or known.raw == row.raw)
