"""The transcript of a ticket: each message once, in order, without a gap, within its bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.domain.person import Person
from services.tickets.domain.transcript import Line, Transcript, extend_transcript


def line(seq: int) -> Line:
    return Line(seq, Person("agent", "ana", "Ana"), "x", seq)


@given(st.data(), st.integers(0, 30))
def test_overlapping_refreshes_give_each_line_once_in_order(data: st.DataObject, head: int) -> None:
    log = [line(seq) for seq in range(1, head + 1) if seq % 3]
    transcript = Transcript()
    for _ in range(data.draw(st.integers(0, 6))):
        after = data.draw(st.integers(0, transcript.to_seq))
        to_seq = data.draw(st.integers(after, head))
        read = [entry for entry in log if after < entry.seq <= to_seq]
        transcript = extend_transcript(transcript, read, after=after, to_seq=to_seq, whole=False)
        assert transcript.lines == tuple(entry for entry in log if entry.seq <= transcript.to_seq)
    whole = extend_transcript(transcript, log, after=0, to_seq=head, whole=True)
    assert whole == Transcript(tuple(log), 1, head, whole=True)


def test_lines_before_a_gap_are_dropped() -> None:
    """Of a log longer than a transcript only the end is read."""
    early = extend_transcript(Transcript(), [line(1), line(2)], after=0, to_seq=2, whole=False)
    late = extend_transcript(early, [line(11)], after=10, to_seq=11, whole=True)
    assert late == Transcript((line(11),), from_seq=11, to_seq=11, whole=True)


@pytest.mark.parametrize("bounds", [{"max_lines": 3}, {"max_bytes": 360}])
def test_a_full_transcript_keeps_the_newest_lines(bounds: dict[str, int]) -> None:
    lines = [line(seq) for seq in range(2, 9)]
    transcript = extend_transcript(Transcript(), lines, after=0, to_seq=8, whole=True, **bounds)
    assert transcript == Transcript((line(6), line(7), line(8)), from_seq=6, to_seq=8, whole=True)
