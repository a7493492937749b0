"""Groups entries that arrive together into contiguous runs: one conversation, no gap, the same audience. Pure."""

from collections.abc import Iterable

from palique.chat.v1.live_pb2 import LiveEntry


def contiguous_runs(entries: Iterable[LiveEntry]) -> list[list[LiveEntry]]:
    """Runs in the order of their first entries; the order within a conversation stays."""
    newest: dict[str, list[LiveEntry]] = {}
    runs: list[list[LiveEntry]] = []
    for entry in entries:
        run = newest.get(entry.conversation)
        if run is not None and _follows(entry, run[-1]):
            run.append(entry)
        else:
            run = newest[entry.conversation] = [entry]
            runs.append(run)
    return runs


def _follows(entry: LiveEntry, last: LiveEntry) -> bool:
    return entry.seq == last.seq + 1 and _audience(entry) == _audience(last)


def _audience(entry: LiveEntry) -> tuple[str, int, str, str]:
    return entry.site, entry.epoch, entry.visitor, entry.assignee
