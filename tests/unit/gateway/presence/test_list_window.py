"""Windows on the list of visitors: the changes applied to a copy equal a new window."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.connection.frames import VisitorFilter, WatchVisitors
from services.gateway.presence.list_window import ListQuery, Row, SortedView, Window
from services.gateway.presence.site_roster import query_of
from tests.support.json_object import JsonObject

NOW = 10


def row(visitor: str, **fields: object) -> Row:
    known: JsonObject = {
        "name": f"Visitor {visitor}",
        "state": "browsing",
        "region": "Local",
        "country": "",
        "title": "Home",
        "url": "http://shop.example/",
        "visits": 1,
        "chats": 0,
        "since_ms": 0,
        "page_at_ms": 0,
    } | fields
    return Row(id=visitor, raw=repr((visitor, sorted(known.items()))).encode(), **known)


def test_sorted_with_ties_by_id_and_reversed_exactly() -> None:
    rows = {key: row(key, visits=visits) for key, visits in (("a", 2), ("b", 1), ("c", 2))}
    up, down = (SortedView(ListQuery("visits", descending), rows, NOW) for descending in (False, True))
    assert up.window(0, 10) == ["b", "a", "c"]
    assert down.window(0, 10) == ["c", "a", "b"]
    assert down.window(1, 1) == ["a"]
    assert down.window(5, 10) == []


def test_waiting_and_chatting_visitors_come_first_by_state() -> None:
    rows = {state: row(state, state=state) for state in ("idle", "browsing", "chatting", "waiting")}
    assert SortedView(ListQuery("state", descending=False), rows, NOW).window(0, 9) == [
        "waiting",
        "chatting",
        "browsing",
        "idle",
    ]


def test_waiting_visitors_come_first_in_both_directions_of_every_sort() -> None:
    rows = {key: row(key, visits=visits, state=state) for key, visits, state in (
        ("a", 1, "browsing"), ("b", 2, "waiting"), ("c", 3, "chatting"), ("d", 4, "waiting"), ("e", 5, "idle")
    )}  # fmt: skip
    up, down = (SortedView(ListQuery("visits", descending), rows, NOW) for descending in (False, True))
    assert up.window(0, 9) == ["b", "d", "a", "c", "e"]
    assert down.window(0, 9) == ["d", "b", "e", "c", "a"]
    for view in (up, down):
        view.change("b", row("b", visits=2, state="chatting"), NOW)
    assert up.window(0, 9) == ["d", "a", "b", "c", "e"]
    assert down.window(0, 9) == ["d", "e", "c", "b", "a"]


def test_filters() -> None:
    rows = {
        "a": row("a", name="Ana", country="ES", region="Spain", visits=2),
        "b": row("b", name="Bob", state="chatting", title="SHOES", chats=1),
    }
    shown = {
        order: SortedView(order, rows, NOW).window(0, 9)
        for order in (
            ListQuery("name", False, text="shoe"),
            ListQuery("name", False, text="SPAIN"),
            ListQuery("name", False, state="chatting"),
            ListQuery("name", False, country="ES"),
            ListQuery("name", False, text="nobody"),
            ListQuery("name", False, page="shoe"),
            ListQuery("name", False, page="bob"),
            ListQuery("name", False, min_visits=2),
            ListQuery("name", False, min_chats=1),
        )
    }
    assert list(shown.values()) == [["b"], ["a"], ["b"], ["a"], [], ["b"], [], ["a"], ["b"]]


def test_a_filter_ignores_accents_however_they_are_encoded() -> None:
    rows = {"a": row("a", name="José"), "b": row("b", name="Jose\u0301"), "c": row("c", name="Łukasz", title="Łódź")}
    found = {text: SortedView(ListQuery("name", False, text=text), rows, NOW).window(0, 9) for text in ("jose", "lodz")}
    assert found == {"jose": ["a", "b"], "lodz": ["c"]}


def test_names_are_in_the_order_of_the_readers_language() -> None:
    rows = {name: row(name, name=name) for name in ("Zoe", "Óscar", "Nunez", "Ñandú", "Álvaro", "Nz")}
    spanish = SortedView(ListQuery("name", False, language="es"), rows, NOW).window(0, 9)
    english = SortedView(ListQuery("name", False, language="en"), rows, NOW).window(0, 9)
    assert spanish == ["Álvaro", "Nunez", "Nz", "Ñandú", "Óscar", "Zoe"]
    assert english == ["Álvaro", "Ñandú", "Nunez", "Nz", "Óscar", "Zoe"]


# In Spanish: Alemania, Corea del Sur, España, Reino Unido, Suiza.
COUNTRIES = {"DE": "Germany", "KR": "South Korea", "ES": "Spain", "GB": "United Kingdom", "CH": "Switzerland"}


def test_places_are_in_the_order_of_their_names_in_the_readers_language() -> None:
    rows = {code: row(code, country=code, region=name) for code, name in COUNTRIES.items()}
    rows |= {region: row(region, region=region) for region in ("Unknown", "Local")}
    order = {
        language: SortedView(ListQuery("region", False, language=language), rows, NOW).window(0, 9)
        for language in ("es", "en", "", "qq")
    }
    english = ["DE", "KR", "ES", "CH", "GB", "Local", "Unknown"]
    assert order == {
        "es": ["DE", "KR", "ES", "GB", "CH", "Local", "Unknown"],
        "en": english,
        "": english,
        "qq": english,
    }
    down = SortedView(ListQuery("region", True, language="es"), rows, NOW).window(0, 9)
    assert down == order["es"][::-1]


def test_places_are_found_by_their_names_in_the_readers_language() -> None:
    rows = {code: row(code, country=code, region=name) for code, name in COUNTRIES.items()}
    found = {
        (text, language): SortedView(ListQuery("since", False, text=text, language=language), rows, NOW).window(0, 9)
        for text, language in (("españa", "es"), ("germany", "en"), ("alemania", "en"), ("SUIZA", "es"))
    }
    assert found == {
        ("españa", "es"): ["ES"],
        ("germany", "en"): ["DE"],
        ("alemania", "en"): [],
        ("SUIZA", "es"): ["CH"],
    }


def test_readers_of_two_languages_share_a_view_unless_its_order_or_filter_has_texts() -> None:
    def shared(**fields: Any) -> bool:
        spanish, english = (query_of(WatchVisitors(limit=50, language=language, **fields)) for language in ("es", "en"))
        return spanish == english

    assert shared(sort="since")
    assert not shared(sort="region")
    assert not shared(sort="since", filter=VisitorFilter(text="españa"))


def test_a_row_enters_after_the_minimum_time_and_leaves_with_the_next_page() -> None:
    rows = {"a": row("a", since_ms=0, page_at_ms=5)}
    on_page = SortedView(ListQuery("name", False, min_on_page_ms=6), rows, NOW)
    on_site = SortedView(ListQuery("name", False, min_on_site_ms=10), rows, NOW)
    assert (on_page.window(0, 9), on_site.window(0, 9)) == ([], ["a"])
    on_page.pass_time(rows, NOW + 1)
    assert on_page.window(0, 9) == ["a"]
    rows["a"] = row("a", page_at_ms=NOW + 2)
    for view in (on_page, on_site):
        view.change("a", rows["a"], NOW + 2)
    assert (on_page.window(0, 9), on_site.window(0, 9)) == ([], ["a"])
    del rows["a"]
    for view in (on_page, on_site):
        view.change("a", None, NOW + 3)
        view.pass_time(rows, NOW + 100)
        assert len(view) == 0


def test_no_change_is_sent_when_nothing_changes() -> None:
    rows = {"a": row("a")}
    view = SortedView(ListQuery("since", True), rows, NOW)
    window = Window(0, 10)
    window.open(view, rows)
    assert window.change(view, rows) is None
    rows["a"] = row("a")  # the same again, as after a snapshot
    view.change("a", rows["a"], NOW)
    assert window.change(view, rows) is None


def test_a_row_that_changes_in_place_is_sent() -> None:
    """Neither the order nor the total changes, only what the row shows."""
    rows = {key: row(key) for key in ("a", "b")}
    view = SortedView(ListQuery("since", False), rows, NOW)
    window = Window(0, 10)
    window.open(view, rows)
    rows["a"] = row("a", title="Shoes")
    view.change("a", rows["a"], NOW)
    change = window.change(view, rows)
    assert change is not None
    assert (change.upsert, change.remove, change.order) == ([rows["a"]], [], ["a", "b"])
    assert window.change(view, rows) is None


def test_a_total_that_changes_outside_the_window_is_sent() -> None:
    rows = {"a": row("a", since_ms=5)}
    view = SortedView(ListQuery("since", True), rows, NOW)
    window = Window(0, 1)
    window.open(view, rows)
    rows["b"] = row("b", since_ms=1)
    view.change("b", rows["b"], NOW)
    change = window.change(view, rows)
    assert change is not None
    assert (change.upsert, change.remove, change.order) == ([], [], ["a"])


VISITORS = [f"v{number}" for number in range(8)]
FIELDS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["Ana", "ana", "Bob", ""]),
        "state": st.sampled_from(["browsing", "chatting", "waiting", "idle"]),
        "visits": st.integers(1, 3),
        "chats": st.integers(0, 2),
        "title": st.sampled_from(["Home", "Shoes"]),
        "page_at_ms": st.integers(0, 12),
    }
)
CHANGES = st.lists(st.lists(st.tuples(st.sampled_from(VISITORS), st.none() | FIELDS), max_size=4), max_size=12)
ORDERS = st.builds(
    ListQuery,
    st.sampled_from(["since", "name", "state", "region", "page", "page_at", "visits", "chats"]),
    st.booleans(),
    st.sampled_from(["", "ana", "shoes"]),
    st.sampled_from(["", "chatting"]),
    st.just(""),
    st.sampled_from(["", "home"]),
    st.integers(0, 2),
    st.integers(0, 1),
    st.sampled_from([0, 3]),
    st.sampled_from([0, 4]),
)


@given(st.dictionaries(st.sampled_from(VISITORS), FIELDS), ORDERS)
def test_no_visitor_comes_before_a_waiting_one(shown: dict[str, JsonObject], order: ListQuery) -> None:
    rows = {visitor: row(visitor, **fields) for visitor, fields in shown.items()}
    waits = [rows[visitor].state == "waiting" for visitor in SortedView(order, rows, NOW).window(0, len(VISITORS))]
    assert waits == sorted(waits, reverse=True)


# The same few visitors stay, in the same places: only what their rows show changes.
IN_PLACE = st.lists(st.lists(st.tuples(st.sampled_from(VISITORS[:3]), FIELDS), max_size=3), min_size=2, max_size=6)


@given(CHANGES, ORDERS, st.integers(0, 5), st.integers(1, 5))
def test_applied_changes_equal_a_new_window(
    rounds: list[list[tuple[str, JsonObject | None]]], order: ListQuery, offset: int, limit: int
) -> None:
    """The shared view, changed row by row, also equals a view built from all rows."""
    assert_changes_equal_new_window(rounds, order, offset, limit)


@given(IN_PLACE, st.booleans())
def test_applied_changes_equal_a_new_window_when_rows_change_in_place(
    rounds: list[list[tuple[str, JsonObject]]], descending: bool
) -> None:
    assert_changes_equal_new_window(rounds, ListQuery("since", descending), 0, 3)


def assert_changes_equal_new_window(
    rounds: Sequence[Sequence[tuple[str, JsonObject | None]]], order: ListQuery, offset: int, limit: int
) -> None:
    rows: dict[str, Row] = {}
    view = SortedView(order, rows, 0)
    window = Window(offset, limit)
    copy = {found.id: found for found in window.open(view, rows)}
    for now, changes in enumerate(rounds):
        for visitor, fields in changes:
            if fields is None:
                rows.pop(visitor, None)
            else:
                rows[visitor] = row(visitor, **fields)
            view.change(visitor, rows.get(visitor), now)
        view.pass_time(rows, now)
        change = window.change(view, rows)
        if change is not None:
            copy = {visitor: found for visitor, found in copy.items() if visitor not in change.remove}
            copy |= {found.id: found for found in change.upsert}
            copy = {visitor: copy[visitor] for visitor in change.order}
        fresh = SortedView(order, rows, now)
        assert len(view) == len(fresh)
        assert list(copy.values()) == Window(offset, limit).open(fresh, rows)
