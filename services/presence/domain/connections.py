"""A person's sockets, over all gateways: the ground on which *online* stands. Pure.

A socket is there from its `opened` until its `closed` or until the lease of its gateway has lapsed, whatever order these are
told in and however often.
"""

from msgspec import Struct
from msgspec.structs import replace

# Ended connections that are remembered, so that a report which comes again does not raise them from the dead. A
# gateway repeats what it sent in its last seconds; nobody ends twenty connections in that time.
ENDED_KEPT = 20
# A person's live sockets. Nobody has as many tabs; it bounds the record against whoever opens sockets without end.
LIVE_KEPT = 100


class Connection(Struct, frozen=True):
    """`lease` is the gateway's at the time of the report: a gateway that lost its lease gets a new one."""

    connection: str
    lease: str


class Connections(Struct, frozen=True, omit_defaults=True):
    """Oldest first, both."""

    live: tuple[Connection, ...] = ()
    ended: tuple[str, ...] = ()

    def has(self, connection: str) -> bool:
        return any(socket.connection == connection for socket in self.live)


def opened(sockets: Connections, connection: str, lease: str) -> Connections:
    """The same object when the connection is known under this lease, or has ended."""
    socket = Connection(connection, lease)
    if connection in sockets.ended or socket in sockets.live:
        return sockets
    others = _without(sockets, connection)
    return replace(sockets, live=(*others, socket)[-LIVE_KEPT:])


def ended(sockets: Connections, connection: str) -> Connections:
    """The same object when the connection had ended before. One that was never heard of counts as ended from now on."""
    if connection in sockets.ended:
        return sockets
    return Connections(_without(sockets, connection), (*sockets.ended, connection)[-ENDED_KEPT:])


def cut(sockets: Connections, lapsed: frozenset[str]) -> Connections:
    """Takes away the sockets of lapsed leases. They are not remembered as ended: their gateway may yet tell that they live."""
    left = tuple(socket for socket in sockets.live if socket.lease not in lapsed)
    return sockets if len(left) == len(sockets.live) else replace(sockets, live=left)


def _without(sockets: Connections, connection: str) -> tuple[Connection, ...]:
    return tuple(socket for socket in sockets.live if socket.connection != connection)
