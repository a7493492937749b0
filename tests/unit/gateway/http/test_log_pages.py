"""Pages of a log by seq: bounded, in both directions, without a gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.codes import Code, Refused
from services.gateway.http.chat_logs import LOG_PAGE_SIZE, EntriesQuery, page_of, window_start

heads = st.integers(0, 10_000)
limits = st.integers(1, LOG_PAGE_SIZE)


@pytest.mark.parametrize(
    ("head", "at", "limit", "after"),
    [
        (2002, 2002, 100, 1902),
        (2002, 1000, 100, 949),
        (2002, 1, 100, 0),
        (2002, 5000, 100, 1902),
        (50, 25, 100, 0),
        (2002, 1000, 1, 999),
        (0, 1, 100, 0),
    ],
)
def test_a_window_has_its_entry_in_the_middle(head: int, at: int, limit: int, after: int) -> None:
    assert window_start(head, at, limit) == after


@given(heads, st.integers(1, 20_000), limits)
def test_a_window_is_full_and_has_its_entry(head: int, at: int, limit: int) -> None:
    after = window_start(head, at, limit)
    assert 0 <= after <= max(0, head - limit)
    if at <= head:
        assert after < at <= after + limit


@pytest.mark.parametrize(
    ("query", "page"),
    [
        (EntriesQuery(), (0, 100)),
        (EntriesQuery(after=100, limit=50), (100, 50)),
        (EntriesQuery(before=101, limit=50), (50, 50)),
        (EntriesQuery(before=21, limit=50), (0, 20)),
        (EntriesQuery(before=1), (0, 0)),
    ],
)
def test_a_page_ends_or_begins_next_to_a_seq(query: EntriesQuery, page: tuple[int, int]) -> None:
    assert page_of(query) == page


@given(heads, limits)
def test_pages_backwards_have_every_entry_once(head: int, limit: int) -> None:
    before, seen = head + 1, 0
    while before > 1:
        after, count = page_of(EntriesQuery(before=before, limit=limit))
        assert after + count == before - 1
        assert 0 < count <= limit
        seen, before = seen + count, after + 1
    assert seen == head


def test_both_directions_at_once_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        page_of(EntriesQuery(before=5, after=3))
    assert refused.value.code is Code.INVALID
