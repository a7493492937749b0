"""A list that is kept equal to its owner's by a snapshot and deltas, whatever order they come in. Pure.

Every row has a `rev` that rises with each of its changes, over its removal too; the owner gives a snapshot the rev at
which it began to read. So a delta and a snapshot may overtake one another and the roster still ends equal.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

RowT = TypeVar("RowT")

# Rows removed since the last snapshot are remembered so that a late upsert does not raise them from the dead; the oldest are
# dropped past this.
TOMBSTONES = 10_000


class ReplicatedList(Generic[RowT]):
    """Rows by id."""

    def __init__(self) -> None:
        self.rows: dict[str, RowT] = {}
        self._revs: dict[str, int] = {}
        self._gone: dict[str, int] = {}
        # The newest snapshot told of everything below this rev: of a row that it did not have, nothing below is news.
        self._settled_rev = 0

    def upsert(self, key: str, rev: int, row: RowT) -> bool:
        """True when the row is new or changed."""
        return rev >= self._floor(key) and self._put(key, rev, row)

    def remove(self, key: str, rev: int) -> bool:
        """True when the row was there and is gone now."""
        if rev < max(self._floor(key), self._revs.get(key, -1), self._gone.get(key, -1)):
            return False
        self._gone.pop(key, None)
        self._gone[key] = rev
        while len(self._gone) > TOMBSTONES:
            del self._gone[next(iter(self._gone))]
        self._revs.pop(key, None)
        return self.rows.pop(key, None) is not None

    def snapshot(self, rows: Mapping[str, tuple[int, RowT]], as_of_rev: int) -> tuple[list[str], list[str]]:
        """Takes a whole list in; gives the ids changed and the ids removed. Of one that was overtaken, only what is still news."""
        put = self._put if as_of_rev >= self._settled_rev else self.upsert
        changed = [key for key, (rev, row) in rows.items() if put(key, rev, row)]
        removed = [key for key, rev in self._revs.items() if key not in rows and rev < as_of_rev]
        for key in removed:
            del self.rows[key], self._revs[key]
        self._settled_rev = max(self._settled_rev, as_of_rev)
        self._gone = {key: rev for key, rev in self._gone.items() if rev >= self._settled_rev}
        return changed, removed

    def _put(self, key: str, rev: int, row: RowT) -> bool:
        if rev <= max(self._revs.get(key, -1), self._gone.get(key, -1)):
            return False
        self._gone.pop(key, None)
        self._revs[key] = rev
        self.rows[key] = row
        return True

    def _floor(self, key: str) -> int:
        return -1 if key in self._revs else self._settled_rev
