"""The throttle grants its burst at once, then one take per interval, never more."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.accounts.throttle import MAX_KEYS, LocalThrottle, Rule, take

RULE = Rule(burst=3, interval_ms=100)


def test_takes_are_granted_for_the_burst_then_once_per_interval() -> None:
    full_at_ms, now = 0, 1_000_000
    for _ in range(3):
        full_at_ms, retry_ms = take(RULE, full_at_ms, now)
        assert retry_ms == 0
    full_at_ms, retry_ms = take(RULE, full_at_ms, now)
    assert retry_ms == 100
    full_at_ms, retry_ms = take(RULE, full_at_ms, now + 99)
    assert retry_ms == 1
    full_at_ms, retry_ms = take(RULE, full_at_ms, now + 100)
    assert retry_ms == 0


@given(st.lists(st.integers(0, 250), max_size=60))
def test_no_window_holds_more_than_the_burst_and_its_refill(gaps: list[int]) -> None:
    now, full_at_ms, granted = 10_000, 0, []
    for gap in gaps:
        now += gap
        full_at_ms, retry_ms = take(RULE, full_at_ms, now)
        if retry_ms == 0:
            granted.append(now)
    for start in granted:
        for end in granted:
            if start <= end:
                inside = sum(start <= at <= end for at in granted)
                assert inside <= RULE.burst + (end - start) / RULE.interval_ms


@given(st.integers(0, 2**50), st.integers(0, 2**50))
def test_a_take_after_the_returned_wait_is_granted(full_at_ms: int, now: int) -> None:
    taken = take(RULE, full_at_ms, now)
    assert taken.retry_ms == 0 or take(RULE, taken.full_at_ms, now + taken.retry_ms).retry_ms == 0


def test_each_key_has_a_bucket_and_the_number_of_keys_is_bounded() -> None:
    throttle, now = LocalThrottle(Rule(burst=1, interval_ms=100)), 1_000_000
    assert throttle.take("first", now) == 0
    assert throttle.take("first", now) == 100
    assert throttle.take("second", now) == 0
    for number in range(MAX_KEYS):
        throttle.take(str(number), now)
    assert throttle.take("first", now) == 0, "the least recently seen key is forgotten"
