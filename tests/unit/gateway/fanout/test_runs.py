"""Entries that arrive together become runs; none is lost, duplicated or reordered within its conversation."""

from hypothesis import given
from hypothesis import strategies as st
from palique.chat.v1.live_pb2 import LiveEntry

from services.gateway.fanout.runs import contiguous_runs

ENTRIES = st.builds(
    LiveEntry,
    site=st.sampled_from(["s", "t"]),
    conversation=st.sampled_from(["a", "b"]),
    epoch=st.integers(1, 2),
    seq=st.integers(1, 6),
    visitor=st.just("v"),
    assignee=st.sampled_from(["", "x"]),
)


@given(st.lists(ENTRIES, max_size=30))
def test_each_conversation_keeps_its_order(entries: list[LiveEntry]) -> None:
    runs = contiguous_runs(entries)
    for conversation in ("a", "b"):
        of_runs = [entry for run in runs for entry in run if entry.conversation == conversation]
        assert of_runs == [entry for entry in entries if entry.conversation == conversation]


@given(st.lists(ENTRIES, max_size=30))
def test_a_run_has_no_hole_and_one_audience(entries: list[LiveEntry]) -> None:
    for run in contiguous_runs(entries):
        assert [entry.seq for entry in run] == list(range(run[0].seq, run[0].seq + len(run)))
        assert len({(entry.site, entry.conversation, entry.epoch, entry.visitor, entry.assignee) for entry in run}) == 1


def test_consecutive_entries_are_one_run() -> None:
    entries = [LiveEntry(conversation=key, epoch=1, seq=seq) for seq in (4, 5, 6) for key in ("a", "b")]
    assert [[entry.seq for entry in run] for run in contiguous_runs(entries)] == [[4, 5, 6], [4, 5, 6]]
