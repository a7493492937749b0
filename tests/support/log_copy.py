"""A reader's copy of one conversation's log, kept by the rules that docs/protocol.md gives to clients. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Frame = dict[str, Any]

# What a client keeps of entries that came too early.
KEPT_AHEAD = 200


@dataclass
class LogCopy:
    """`entries` is the log up to `last`, each applied once, in order; `applied` hears of each."""

    epoch: int
    last: int = 0
    entries: list[Frame] = field(default_factory=list)
    ahead: dict[int, Frame] = field(default_factory=dict)
    applied: Callable[[Frame], None] | None = None

    def apply(self, entry: Frame) -> bool:
        """Takes an entry in; True when a gap shows, so that the client fetches."""
        if entry["epoch"] != self.epoch or entry["seq"] <= self.last:
            return False
        if entry["seq"] == self.last + 1 or len(self.ahead) < KEPT_AHEAD:
            self.ahead[entry["seq"]] = entry
        while self.last + 1 in self.ahead:
            self.last += 1
            self.entries.append(self.ahead.pop(self.last))
            if self.applied is not None:
                self.applied(self.entries[-1])
        return bool(self.ahead)

    def reset(self, epoch: int) -> None:
        """Forgets everything."""
        self.epoch, self.last, self.entries, self.ahead = epoch, 0, [], {}

    @property
    def texts(self) -> list[str]:
        """What was said, in order."""
        return [entry["text"] for entry in self.entries if entry["kind"] == "message"]
