"""Load shedding goes up and down in one order, step by step."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.overload.load_shedding import (
    BUSY_LAG_MS,
    BUSY_SAMPLES,
    BUSY_WAITING,
    CALM_LAG_MS,
    CALM_SAMPLES,
    LoadShedding,
    Shed,
)

LOOKS = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 20_000)), max_size=60)


def test_it_sheds_in_order_and_recovers_in_reverse() -> None:
    """F9: queue positions, live visitor activity, new chats."""
    shedding = LoadShedding()
    busy = [shedding.sample(BUSY_LAG_MS, 0) for _ in range(4 * BUSY_SAMPLES)]
    assert busy == sorted(busy)
    assert busy[-1] is Shed.NEW_CHATS
    assert set(busy) == set(Shed)
    calm = [shedding.sample(0, 0) for _ in range(3 * CALM_SAMPLES)]
    assert calm == sorted(calm, reverse=True)
    assert calm[-1] is Shed.NOTHING
    assert set(calm) == set(Shed)


def test_messages_that_wait_for_chat_are_overload_too() -> None:
    """The loop may be quick while chat is not."""
    shedding = LoadShedding()
    assert [shedding.sample(0, BUSY_WAITING) for _ in range(BUSY_SAMPLES)][-1] is Shed.QUEUE_POSITIONS


def test_one_late_iteration_is_no_overload() -> None:
    """A single stall must change nothing."""
    shedding = LoadShedding()
    for _ in range(20):
        assert shedding.sample(10 * BUSY_LAG_MS, 0) is Shed.NOTHING
        assert shedding.sample(0, 0) is Shed.NOTHING


def test_a_few_calm_samples_do_not_recover() -> None:
    """Between two waves of load the level stays."""
    shedding = LoadShedding()
    for _ in range(BUSY_SAMPLES):
        shedding.sample(BUSY_LAG_MS, 0)
    for _ in range(20):
        for _ in range(CALM_SAMPLES - 1):
            shedding.sample(CALM_LAG_MS, 0)
        assert shedding.sample(CALM_LAG_MS + 1, 0) is Shed.QUEUE_POSITIONS


@given(LOOKS)
def test_it_never_jumps(looks: list[tuple[int, int]]) -> None:
    """One step a sample, for any input."""
    shedding = LoadShedding()
    for look in looks:
        before = shedding.shed
        assert abs(shedding.sample(*look) - before) <= 1
