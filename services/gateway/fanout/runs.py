"""Entries that arrive together, put into runs: what one conversation got, without a hole, for the same people. Pure."""

from collections.abc import Iterable

from palique.chat.v1.live_pb2 import LiveEntry


def contiguous_runs(entries: Iterable[LiveEntry]) -> list[list[LiveEntry]]:
    """Runs in the order of their first entries; within a conversation the order stays."""
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
    same = (entry.site, entry.epoch, entry.visitor, entry.assignee) == (
        last.site,
        last.epoch,
        last.visitor,
        last.assignee,
    )
    return same and entry.seq == last.seq + 1
