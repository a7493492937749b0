"""What happened on one site's sockets and presence has not confirmed yet, in its order. Pure.

A batch stays until it is confirmed and is then repeated as it was, which changes nothing more at presence. While presence
is away what waits is boiled down to the latest of each socket, so it never holds more than the sockets there are.
"""

from collections.abc import Sequence

from palique.presence.v1.presence_pb2 import SocketEvent

# Events in one report: some milliseconds of presence's work.
BATCH = 500
# Events that wait before they are boiled down.
MAX_WAITING = 4000

VISITOR_CONNECTED = "visitor_connected"
VISITOR_NAVIGATED = "visitor_navigated"
_CONNECTED = frozenset({VISITOR_CONNECTED, "agent_connected"})
_DISCONNECTED = frozenset({"visitor_disconnected", "agent_disconnected"})


class ReportQueue:
    """Of one site."""

    def __init__(self) -> None:
        self._waiting: list[SocketEvent] = []
        self._in_flight: list[SocketEvent] = []
        self._boil_at = MAX_WAITING

    def __len__(self) -> int:
        return len(self._waiting) + len(self._in_flight)

    def add(self, event: SocketEvent) -> None:
        self._waiting.append(event)
        if len(self._waiting) > self._boil_at:
            self._waiting = boiled_down(self._waiting)
            # The sockets themselves may be that many: then there is nothing more to gain for a while.
            self._boil_at = max(MAX_WAITING, 2 * len(self._waiting))

    def start_anew(self, events: Sequence[SocketEvent]) -> None:
        """Presence knows nothing of us any more: what it must know is this."""
        self._waiting = list(events)
        self._in_flight = []

    def batch(self) -> Sequence[SocketEvent]:
        """What to report next; the same again until `confirmed`. Empty: nothing."""
        if not self._in_flight:
            self._in_flight = self._waiting[:BATCH]
            del self._waiting[:BATCH]
        return self._in_flight

    def confirmed(self, batch: Sequence[SocketEvent]) -> None:
        """Presence has it, or will never take it."""
        if batch is self._in_flight:
            self._in_flight = []


def boiled_down(events: Sequence[SocketEvent]) -> list[SocketEvent]:
    """The same outcome in fewer events: of each socket the last page, and nothing of those that came and went."""
    of_socket: dict[str, list[SocketEvent]] = {}
    for event in events:
        of_socket.setdefault(event.connection, []).append(event)
    kept: set[int] = set()
    for mine in of_socket.values():
        kept.update(id(event) for event in _boiled(mine))
    return [event for event in events if id(event) in kept]


def _boiled(mine: list[SocketEvent]) -> list[SocketEvent]:
    kinds = [event.WhichOneof("event") for event in mine]
    if kinds[-1] in _DISCONNECTED:
        return [] if kinds[0] in _CONNECTED else [mine[-1]]
    last = dict(zip(kinds, mine, strict=True))
    return list(last.values())
