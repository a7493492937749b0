"""The limit of the conversations that one visitor starts."""

from hypothesis import given
from hypothesis import strategies as st

from services.chat.domain.start_limit import StartLimit

NOW = 1_000_000


def test_a_start_too_many_waits_until_the_oldest_leaves_the_window() -> None:
    limit = StartLimit(2, window_ms=600)
    assert limit.wait_ms([], NOW) == 0
    assert limit.wait_ms([NOW - 10], NOW) == 0
    assert limit.wait_ms([NOW - 10, NOW - 100], NOW) == 500
    assert limit.wait_ms([NOW - 10, NOW - 100, NOW - 599], NOW) == 500
    assert limit.wait_ms([NOW - 10, NOW - 600], NOW) == 0


@given(
    starts=st.integers(1, 4),
    pauses=st.lists(st.integers(0, 300), max_size=60),
    obeys=st.booleans(),
)
def test_no_window_holds_more_and_the_named_wait_is_always_enough(
    starts: int, pauses: list[int], *, obeys: bool
) -> None:
    limit, now, granted = StartLimit(starts, window_ms=1000), NOW, list[int]()
    for pause in pauses:
        now += pause
        wait = limit.wait_ms(granted, now)
        if wait and obeys:
            now += wait
            wait = limit.wait_ms(granted, now)
            assert wait == 0
        if not wait:
            granted.insert(0, now)
    for at in granted:
        assert sum(at <= other < at + 1000 for other in granted) <= starts
