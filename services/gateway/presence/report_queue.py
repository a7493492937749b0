"""Socket events of one site that presence has not confirmed yet, in order. Pure.

A batch is repeated unchanged until it is confirmed; a repeated batch changes nothing at presence. While presence is away the queue is
compacted to the last events of each connection, so that its size is bounded by the number of connections.
"""

from collections.abc import Sequence

from palique.presence.v1.presence_pb2 import SocketEvent

# Events in one report: some milliseconds of presence's work.
REPORT_BATCH = 500
# Events that wait before the queue is compacted.
MAX_WAITING = 4000

_CONNECTED = frozenset({"visitor_connected", "agent_connected"})
_DISCONNECTED = frozenset({"visitor_disconnected", "agent_disconnected"})


class ReportQueue:
    """The queue of one site."""

    def __init__(self) -> None:
        self._waiting: list[SocketEvent] = []
        self._in_flight: list[SocketEvent] = []
        self._compact_above = MAX_WAITING

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_flight)

    def add(self, event: SocketEvent) -> None:
        self._waiting.append(event)
        if len(self._waiting) > self._compact_above:
            self._waiting = compact(self._waiting)
            # With that many connections the next compaction gains nothing for a while.
            self._compact_above = max(MAX_WAITING, 2 * len(self._waiting))

    def reset(self, events: Sequence[SocketEvent]) -> None:
        """Replaces the queue: presence has no state of this gateway any more and needs these events."""
        self._waiting = list(events)
        self._in_flight = []

    def batch(self) -> Sequence[SocketEvent]:
        """The events to report next, the same until `confirm`; empty when there is nothing to report."""
        if not self._in_flight:
            self._in_flight = self._waiting[:REPORT_BATCH]
            del self._waiting[:REPORT_BATCH]
        return self._in_flight

    def confirm(self, batch: Sequence[SocketEvent]) -> None:
        """Drops a batch that presence has, or will never accept. A batch from before `reset` confirms nothing."""
        if batch is self._in_flight:
            self._in_flight = []


def compact(events: Sequence[SocketEvent]) -> list[SocketEvent]:
    """Fewer events with the same outcome: the last page of each connection, and nothing of one that connected and disconnected."""
    by_connection: dict[str, list[SocketEvent]] = {}
    for event in events:
        by_connection.setdefault(event.connection, []).append(event)
    kept: set[int] = set()
    for own in by_connection.values():
        kept.update(id(event) for event in _compact_one(own))
    return [event for event in events if id(event) in kept]


def _compact_one(own: list[SocketEvent]) -> list[SocketEvent]:
    kinds = [event.WhichOneof("event") for event in own]
    if kinds[-1] in _DISCONNECTED:
        return [] if kinds[0] in _CONNECTED else [own[-1]]
    last = dict(zip(kinds, own, strict=True))
    return list(last.values())
