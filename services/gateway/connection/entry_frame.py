"""An entry of a log as a frame for all connections that see it."""

from typing import NamedTuple


class EntryFrame(NamedTuple):
    """An entry, encoded once for all connections; or a gapless `run` of entries, which ends at `seq` and is joined in `frame`."""

    conversation_id: str
    epoch: int
    seq: int
    frame: bytes
    run: "tuple[EntryFrame, ...]" = ()

    @property
    def first(self) -> int:
        return self.run[0].seq if self.run else self.seq
