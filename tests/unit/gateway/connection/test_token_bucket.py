"""Buckets that several connections share: of a person, and of the visitors of one address."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.connection.token_bucket import BucketTable, TokenBucket, take_from_all

START = 1_000_000
KEYS = ("192.0.2.1", "192.0.2.2", "2001:db8::/64")


def test_a_token_of_each_bucket_or_of_none() -> None:
    own, shared = TokenBucket(1, 5), TokenBucket(10, 2)
    assert [take_from_all((own, shared), START) for _ in range(4)] == [0, 0, 100, 200]
    assert [own.take(START) for _ in range(4)] == [0, 0, 0, 1000], "refused takes cost tokens of the other bucket"


def test_a_token_that_is_given_back_can_be_taken_again() -> None:
    bucket = TokenBucket(1, 2)
    assert [bucket.take(START), bucket.take(START)] == [0, 0]
    bucket.give_back()
    assert [bucket.take(START), bucket.take(START)] == [0, 1000]
    full = TokenBucket(1, 1)
    full.give_back()
    assert [full.take(START), full.take(START)] == [0, 1000]


def test_a_full_table_forgets_the_key_that_was_used_longest_ago() -> None:
    table = BucketTable(1, 1, max_keys=2)
    first = table.of("first")
    second = table.of("second")
    assert table.of("first") is first
    table.of("third")
    assert len(table) == 2
    assert table.of("first") is first
    assert table.of("second") is not second


@given(
    takes=st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 400)), max_size=120),
    rate=st.integers(1, 20),
    burst=st.integers(1, 5),
)
def test_each_key_gets_its_burst_and_rate_and_takes_nothing_of_the_others(
    takes: list[tuple[str, int]], rate: int, burst: int
) -> None:
    table, alone = BucketTable(rate, burst, max_keys=len(KEYS)), {key: TokenBucket(rate, burst) for key in KEYS}
    now, granted = START, dict.fromkeys(KEYS, 0)
    for key, pause in takes:
        now += pause
        wait = table.of(key).take(now)
        assert wait == alone[key].take(now)
        granted[key] += not wait
        assert granted[key] <= burst + (now - START) * rate / 1000 + 1e-3
        assert len(table) <= len(KEYS)
