from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.presence.replicated_list import ReplicatedList


class Change(NamedTuple):
    """What the owner did: `row` None is a removal."""

    key: str
    rev: int
    row: int | None


class Snapshot(NamedTuple):
    rows: dict[str, tuple[int, int]]
    as_of_rev: int


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, int], list[Change | Snapshot]]:
    """The owner's final list and the messages of one reader: in any order, duplicated, with losses before the last snapshot."""
    keys = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12))
    rows: dict[str, int] = {}
    changes: list[Change] = []
    states: list[dict[str, tuple[int, int]]] = [{}]
    for rev, key in enumerate(keys, start=1):
        row = None if key in rows and draw(st.booleans()) else rev
        changes.append(Change(key, rev, row))
        if row is None:
            rows.pop(key, None)
        else:
            rows[key] = row
        known = {**states[-1]}
        known.pop(key, None)
        if row is not None:
            known[key] = (rev, row)
        states.append(known)
    snapshots = []
    for begun in draw(st.lists(st.integers(0, len(keys)), min_size=1, max_size=3)):
        # Each key is read at a moment of its own, after the rev was taken.
        read: dict[str, tuple[int, int]] = {}
        for key in "abcd":
            state = states[draw(st.integers(begun, len(keys)))]
            if key in state:
                read[key] = state[key]
        snapshots.append(Snapshot(read, begun + 1))
    whole_from = max(snapshot.as_of_rev for snapshot in snapshots)
    heard = [change for change in changes if change.rev >= whole_from or draw(st.booleans())]
    told: list[Change | Snapshot] = [
        *heard,
        *snapshots,
        *draw(st.lists(st.sampled_from(heard or changes[-1:]), max_size=3)),
    ]
    return rows, draw(st.permutations(told))


@given(histories())
def test_snapshots_and_deltas_in_any_order_end_as_the_owners_list(
    history: tuple[dict[str, int], list[Change | Snapshot]],
) -> None:
    owned, told = history
    roster: ReplicatedList[int] = ReplicatedList()
    # Built from the answers alone, which must contain every change.
    told_of: dict[str, int] = {}
    for event in told:
        match event:
            case Snapshot():
                changed, removed = roster.apply_snapshot(event.rows, event.as_of_rev)
                told_of |= {key: roster.rows[key] for key in changed}
                told_of = {key: row for key, row in told_of.items() if key not in removed}
            case Change(row=None):
                if roster.remove(event.key, event.rev):
                    del told_of[event.key]
            case Change(row=int(row)):
                if roster.upsert(event.key, event.rev, row):
                    told_of[event.key] = row
        assert told_of == roster.rows
    assert roster.rows == owned


def test_a_late_row_does_not_come_back_after_a_snapshot_without_it() -> None:
    roster: ReplicatedList[str] = ReplicatedList()
    roster.upsert("a", 5, "old")
    assert roster.apply_snapshot({}, 10) == ([], ["a"])
    assert not roster.upsert("a", 7, "late")
    assert not roster.upsert("b", 8, "never seen")
    assert roster.upsert("a", 11, "back")
    assert roster.rows == {"a": "back"}


def test_an_older_snapshot_that_comes_late_changes_nothing() -> None:
    roster: ReplicatedList[str] = ReplicatedList()
    roster.apply_snapshot({"a": (3, "a")}, 10)
    assert roster.apply_snapshot({"a": (2, "older"), "b": (4, "gone since")}, 5) == ([], [])
    assert roster.rows == {"a": "a"}
