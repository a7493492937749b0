"""Cursors: no entry is sent twice, and no gap stays unnoticed."""

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.connection.cursors import MAX_POSITIONS, Cursors, Delivery

LOG = "c"


def begun(seq: int = 0, known_head: int = 0) -> Cursors:
    cursors = Cursors()
    cursors.begin(LOG, 1, seq, known_head)
    return cursors


def test_an_entry_is_new_once() -> None:
    cursors = begun(2, 2)
    assert [cursors.mark_delivered(LOG, 1, seq) is Delivery.NEW for seq in (3, 3, 2, 5, 5, 4, 5, 6)] == [
        True, False, False, True, False, True, False, True,
    ]  # fmt: skip
    assert cursors.positions[LOG].seq == 6


def test_a_head_needs_stale_once_until_it_grows() -> None:
    cursors = begun(2, 2)
    assert not cursors.needs_stale(LOG, 1, 2)
    assert cursors.needs_stale(LOG, 1, 4)
    assert not cursors.needs_stale(LOG, 1, 4)
    assert cursors.needs_stale(LOG, 1, 5)
    assert not cursors.needs_stale("foreign", 1, 5)


def test_an_entry_past_a_gap_needs_no_stale() -> None:
    """The entry shows the gap to the client, which fetches. A higher head still needs a stale."""
    cursors = begun(2, 2)
    assert cursors.mark_delivered(LOG, 1, 5) is Delivery.NEW
    assert not cursors.needs_stale(LOG, 1, 5)
    assert cursors.needs_stale(LOG, 1, 6)


def test_a_page_fills_the_gap() -> None:
    cursors = begun(2, 2)
    cursors.mark_delivered(LOG, 1, 5)
    cursors.mark_page_delivered(LOG, 1, 2, 4)
    assert cursors.positions[LOG].seq == 5
    cursors.mark_page_delivered(LOG, 1, 9, 20)  # does not join the prefix
    assert cursors.positions[LOG].seq == 5


def test_a_new_epoch_voids_the_cursor() -> None:
    cursors = begun(7, 7)
    assert cursors.is_new_epoch(LOG, 2)
    assert cursors.needs_stale(LOG, 2, 3)
    assert cursors.mark_delivered(LOG, 2, 1) is Delivery.NEW_EPOCH
    assert cursors.mark_delivered(LOG, 2, 2) is Delivery.NEW
    assert cursors.mark_delivered(LOG, 1, 8) is Delivery.DUPLICATE
    assert cursors.positions[LOG].seq == 2
    assert not cursors.needs_stale(LOG, 1, 99)


def test_positions_are_bounded() -> None:
    cursors = Cursors()
    for number in range(MAX_POSITIONS + 5):
        cursors.begin(str(number), 1, 0, 0)
    assert len(cursors.positions) == MAX_POSITIONS
    assert "0" not in cursors.positions


@given(st.permutations(list(range(1, 30))), st.lists(st.integers(1, 29)))
def test_in_any_order_the_cursor_is_the_end_of_the_prefix(order: list[int], again: list[int]) -> None:
    cursors = begun()
    sent: set[int] = set()
    for seq in [*order[:15], *again, *order[15:]]:
        assert (cursors.mark_delivered(LOG, 1, seq) is Delivery.NEW) == (seq not in sent)
        sent.add(seq)
        prefix = next(number for number in range(1, 31) if number not in sent) - 1
        assert cursors.positions[LOG].seq == prefix
        assert not cursors.needs_stale(LOG, 1, max(sent))
    assert cursors.positions[LOG].ahead is None


@given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 12), st.integers(1, 4)), max_size=40, unique=True))
def test_a_run_has_the_same_effect_as_its_entries(runs: list[tuple[int, int, int]]) -> None:
    """For any position: a run leaves the cursors as its single entries would."""
    at_once, one_by_one = begun(), begun()
    for epoch, first, length in runs:
        seqs = range(first, first + length)
        if at_once.extend(LOG, epoch, first, seqs[-1]):
            assert all(one_by_one.mark_delivered(LOG, epoch, seq) is Delivery.NEW for seq in seqs)
        else:
            assert [at_once.mark_delivered(LOG, epoch, seq) for seq in seqs] == [
                one_by_one.mark_delivered(LOG, epoch, seq) for seq in seqs
            ]
        positions = [
            (position.epoch, position.seq, position.known_head, position.ahead)
            for position in (at_once.positions[LOG], one_by_one.positions[LOG])
        ]
        assert positions[0] == positions[1]
