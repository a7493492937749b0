from hypothesis import given
from hypothesis import strategies as st

from services.gateway.fanout.gap_detector import FORGET_MS, SILENCE_MS, GapDetector


def test_a_sequence_without_gaps_reports_only_its_first_message() -> None:
    detector = GapDetector()
    assert [detector.observe("p", n, n) for n in range(5, 10)] == [True, False, False, False, False]


def test_a_gap_is_reported_once() -> None:
    detector = GapDetector()
    assert [detector.observe("p", n, 0) for n in (1, 2, 4, 5)] == [True, False, True, False]


def test_late_and_duplicate_messages_report_no_gap() -> None:
    detector = GapDetector()
    assert [detector.observe("p", n, 0) for n in (1, 3, 2, 3, 4)] == [True, True, False, False, False]


def test_duplicate_and_out_of_order_messages_are_late() -> None:
    detector = GapDetector()
    detector.observe("p", 3, 0)
    assert [detector.is_late("p", n) for n in (2, 3, 4)] == [True, True, False]
    assert not detector.is_late("q", 1)


def test_publishers_are_counted_apart() -> None:
    detector = GapDetector()
    assert detector.observe("p", 1, 0)
    assert detector.observe("q", 1, 0)
    assert not detector.observe("p", 2, 0)
    assert not detector.observe("q", 2, 0)


def test_silence_is_reported_every_three_seconds_until_the_publisher_sends() -> None:
    detector = GapDetector()
    detector.observe("p", 1, 0)
    assert not detector.is_silent(SILENCE_MS)
    assert detector.is_silent(SILENCE_MS + 1)
    assert not detector.is_silent(SILENCE_MS + 2)
    assert detector.is_silent(2 * SILENCE_MS + 2)
    detector.observe("p", 2, 2 * SILENCE_MS + 3)
    assert not detector.is_silent(3 * SILENCE_MS + 3)
    assert detector.is_silent(3 * SILENCE_MS + 4)


def test_it_is_receiving_while_any_publisher_sends() -> None:
    detector = GapDetector()
    assert not detector.is_receiving(0)
    detector.observe("p", 1, 0)
    detector.observe("q", 1, 2000)
    assert detector.is_receiving(2000 + SILENCE_MS)
    assert not detector.is_receiving(2001 + SILENCE_MS)


def test_a_publisher_silent_for_long_is_forgotten_and_new_when_it_comes_back() -> None:
    detector = GapDetector()
    detector.observe("p", 1, 0)
    assert detector.is_silent(SILENCE_MS + 1)
    assert not detector.is_silent(FORGET_MS + 1)
    assert detector.observe("p", 2, FORGET_MS + 2)


def test_after_a_reset_every_publisher_is_new() -> None:
    detector = GapDetector()
    detector.observe("p", 1, 0)
    detector.reset()
    assert not detector.is_silent(FORGET_MS)
    assert detector.observe("p", 2, 0)


@given(st.lists(st.integers(1, 12), max_size=30))
def test_no_missed_number_goes_unnoticed(numbers: list[int]) -> None:
    """With loss, duplicates and reordering, each number up to the highest was observed, or a gap at or after it was reported."""
    detector = GapDetector()
    detector.observe("p", 0, 0)
    told_up_to = 0
    for number in numbers:
        if detector.observe("p", number, 0):
            told_up_to = max(told_up_to, number)
        heard = {0, *numbers[: numbers.index(number) + 1]}
        missed = set(range(max(heard))) - heard
        assert all(number < told_up_to for number in missed)
