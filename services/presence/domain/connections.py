"""The open connections of one person over all gateways. A person is online while there is one. Pure.

A connection counts from the report that it opened until the report that it ended, or until its gateway's lease lapses. Reports may be
repeated and, across gateways, arrive in any order.
"""

from msgspec import Struct, field
from msgspec.structs import replace

from services.presence.domain.pages import Page

# Ended connections that are remembered, so that a repeated report does not open them again. A gateway repeats what it sent in its
# last seconds, and no person closes twenty connections in that time.
MAX_ENDED = 20
# Open connections of a person. Bounds the record; the gateway closes the oldest connections of a person long before.
MAX_LIVE = 100


class Connection(Struct, frozen=True, omit_defaults=True):
    """`lease_id` is the gateway's lease at the time of the report. A gateway that lost its lease reports with a new one.

    A visitor's connection has the page of its tab, the time of its last report, and when the tab was last in front (0: never).
    """

    id: str = field(name="connection")
    lease_id: str = field(name="lease")
    page: Page | None = None
    at: int = 0
    front_at: int = 0


class Connections(Struct, frozen=True, omit_defaults=True):
    """Both oldest first; `ended` holds ids."""

    live: tuple[Connection, ...] = ()
    ended: tuple[str, ...] = ()

    def is_live(self, connection_id: str) -> bool:
        return self.find(connection_id) is not None

    def find(self, connection_id: str) -> Connection | None:
        """The live connection with this id."""
        return next((connection for connection in self.live if connection.id == connection_id), None)

    @property
    def page_in_front(self) -> Page | None:
        """The page of the tab that was in front last; of tabs that never were, that of the newest."""
        pages = [(tab.front_at, index, tab.page) for index, tab in enumerate(self.live) if tab.page is not None]
        return max(pages, key=lambda tab: tab[:2])[2] if pages else None


def with_opened(connections: Connections, connection_id: str, lease_id: str) -> Connections:
    """The same object when the connection is live under this lease, or has ended."""
    known = connections.find(connection_id)
    if connection_id in connections.ended or (known is not None and known.lease_id == lease_id):
        return connections
    connection = Connection(connection_id, lease_id) if known is None else replace(known, lease_id=lease_id)
    others = _without(connections, connection_id)
    return replace(connections, live=(*others, connection)[-MAX_LIVE:])


def with_tab(connections: Connections, tab: Connection) -> Connections:
    """The connections with a live one replaced; its place in their order stays."""
    return replace(connections, live=tuple(tab if other.id == tab.id else other for other in connections.live))


def with_ended(connections: Connections, connection_id: str) -> Connections:
    """The same object when the connection had ended. An unknown connection counts as ended from now on."""
    if connection_id in connections.ended:
        return connections
    return Connections(_without(connections, connection_id), (*connections.ended, connection_id)[-MAX_ENDED:])


def without_leases(connections: Connections, lapsed: frozenset[str]) -> Connections:
    """Removes the connections of lapsed leases. They do not count as ended: their gateway may report them again as open."""
    left = tuple(connection for connection in connections.live if connection.lease_id not in lapsed)
    return connections if len(left) == len(connections.live) else replace(connections, live=left)


def _without(connections: Connections, connection_id: str) -> tuple[Connection, ...]:
    return tuple(connection for connection in connections.live if connection.id != connection_id)
