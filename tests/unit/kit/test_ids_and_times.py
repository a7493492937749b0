from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.ids import new_id, now_ms
from kit.times import parse_rfc3339, rfc3339

YEAR_10000_MS = 253_402_300_800_000


def test_an_id_is_a_uuid_of_version_7_in_32_hex_digits() -> None:
    before = now_ms()
    made = new_id()
    assert len(made) == 32
    assert int(made, 16) >= 0
    assert made == made.lower()
    assert made[12] == "7"
    assert made[16] in "89ab"
    assert before <= int(made[:12], 16) <= now_ms()


def test_ids_sort_by_the_millisecond_that_they_were_made_in(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for at_ms in (1, 1_700_000_000_000, 1_700_000_000_001, (1 << 48) - 1):
        monkeypatch.setattr("kit.ids.time.time_ns", lambda at_ms=at_ms: at_ms * 1_000_000)
        made.append(new_id())
    assert made == sorted(made)
    assert {len(one) for one in made} == {32}


def test_many_ids_are_all_different() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


@given(st.integers(0, YEAR_10000_MS - 1))
def test_a_time_survives_the_way_to_the_browser_and_back(at_ms: int) -> None:
    text = rfc3339(at_ms)
    assert parse_rfc3339(text) == at_ms
    assert len(text) == len("2026-01-01T00:00:00.123Z")


@given(st.integers(0, YEAR_10000_MS - 2))
def test_written_times_sort_as_times_do(at_ms: int) -> None:
    assert rfc3339(at_ms) < rfc3339(at_ms + 1)


def test_a_time_is_written_as_documented() -> None:
    assert rfc3339(1767225600123) == "2026-01-01T00:00:00.123Z"
    assert parse_rfc3339("2026-01-01T02:00:00.123+02:00") == 1767225600123
    assert parse_rfc3339("2026-01-01t00:00:00z") == 1767225600000


@pytest.mark.parametrize("text", ["", "now", "2026-01-01", "2026-01-01T00:00:00", "1767225600", "2026-13-01T00:00:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rfc3339(text)


@given(st.text(max_size=40))
def test_no_text_does_worse_than_be_refused(text: str) -> None:
    try:
        at_ms = parse_rfc3339(text)
    except ValueError:
        return
    assert isinstance(at_ms, int)


@given(st.datetimes(timezones=st.timezones()))
def test_any_zoned_time_is_understood(at: datetime) -> None:
    if at.utcoffset() is None or at.second != at.astimezone(UTC).second:
        return  # historic zones with odd seconds are none of RFC 3339's
    assert abs(parse_rfc3339(at.isoformat()) - at.timestamp() * 1000) <= 1
