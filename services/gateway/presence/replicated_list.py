"""Replica of another service's list, kept by snapshots and deltas in any order. Pure.

Every row has a `rev` that rises with each change, its removal included. A snapshot has the rev at which its reading began. So deltas and
snapshots may overtake each other, and the replica still becomes equal to the original.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

RowT = TypeVar("RowT")

# Removed rows that are remembered since the last snapshot, so that a late upsert does not restore them. The oldest are dropped.
MAX_TOMBSTONES = 10_000


class ReplicatedList(Generic[RowT]):
    """Rows by id."""

    def __init__(self) -> None:
        self.rows: dict[str, RowT] = {}
        self._revs: dict[str, int] = {}
        self._gone: dict[str, int] = {}
        # The rev of the newest snapshot. Older changes of a row that it does not have are outdated.
        self._snapshot_rev = 0

    def upsert(self, key: str, rev: int, row: RowT) -> bool:
        """True when the row is new or changed."""
        return rev >= self._floor(key) and self._put(key, rev, row)

    def remove(self, key: str, rev: int) -> bool:
        """True when the row existed."""
        if rev < max(self._floor(key), self._revs.get(key, -1), self._gone.get(key, -1)):
            return False
        self._gone.pop(key, None)
        self._gone[key] = rev
        while len(self._gone) > MAX_TOMBSTONES:
            del self._gone[next(iter(self._gone))]
        self._revs.pop(key, None)
        return self.rows.pop(key, None) is not None

    def apply_snapshot(self, rows: Mapping[str, tuple[int, RowT]], as_of_rev: int) -> tuple[list[str], list[str]]:
        """Applies a whole list; returns the ids changed and the ids removed. An overtaken snapshot adds only what is still new."""
        put = self._put if as_of_rev >= self._snapshot_rev else self.upsert
        changed = [key for key, (rev, row) in rows.items() if put(key, rev, row)]
        removed = [key for key, rev in self._revs.items() if key not in rows and rev < as_of_rev]
        for key in removed:
            del self.rows[key], self._revs[key]
        self._snapshot_rev = max(self._snapshot_rev, as_of_rev)
        self._gone = {key: rev for key, rev in self._gone.items() if rev >= self._snapshot_rev}
        return changed, removed

    def _put(self, key: str, rev: int, row: RowT) -> bool:
        if rev <= max(self._revs.get(key, -1), self._gone.get(key, -1)):
            return False
        self._gone.pop(key, None)
        self._revs[key] = rev
        self.rows[key] = row
        return True

    def _floor(self, key: str) -> int:
        return -1 if key in self._revs else self._snapshot_rev
