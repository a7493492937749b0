"""Index of the live connections of this process, and the fan-out of frames to them. In memory; nothing waits.

A connection is found by its id, its person, its site, and the conversations that it follows. Every look-up starts at one site, so
that sites never mix.
"""

from collections.abc import Iterable, Iterator, Sequence

from palique.chat.v1.live_pb2 import LiveEntry, LiveRead
from palique.gateway.v1.live_pb2 import Typing

from kit.codes import Close
from kit.entry_json import AuthorJson, visitor_frame
from services.gateway.connection.connection import Connection
from services.gateway.connection.entry_frame import EntryFrame
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.frames import ReadUpdate, ServerFrame, TypingNotice
from services.gateway.connection.peer import AGENT, VISITOR, PeerIdentity
from services.gateway.connection.transport import text_frame
from services.gateway.metrics import Metrics

# Connections of one person, such as the tabs of a visitor. More is a runaway page: the oldest are closed with 4409 (replaced).
MAX_CONNECTIONS = 20


class SiteConnections:
    """The connections of one site, by person id, and the followers of its conversations."""

    def __init__(self) -> None:
        self.visitors: dict[str, list[Connection]] = {}
        self.agents: dict[str, list[Connection]] = {}
        self.followers: dict[str, list[Connection]] = {}
        # Conversation ids by connection id: a removal costs only what the connection itself follows.
        self._followed: dict[str, set[str]] = {}

    def of(self, kind: str) -> dict[str, list[Connection]]:
        return self.visitors if kind == VISITOR else self.agents

    def agent_connections(self) -> Iterator[Connection]:
        for connections in self.agents.values():
            yield from connections

    def visitor_connections(self) -> Iterator[Connection]:
        for connections in self.visitors.values():
            yield from connections

    def all_connections(self) -> Iterator[Connection]:
        yield from self.visitor_connections()
        yield from self.agent_connections()

    def follow(self, connection: Connection, conversation_id: str) -> None:
        followed = self._followed.setdefault(connection.id, set())
        if conversation_id not in followed:
            followed.add(conversation_id)
            self.followers.setdefault(conversation_id, []).append(connection)

    def unfollow(self, connection: Connection, conversation_id: str) -> None:
        followed = self._followed.get(connection.id, set())
        if conversation_id in followed:
            followed.remove(conversation_id)
            _remove(self.followers, conversation_id, connection)

    def unfollow_all(self, connection: Connection) -> None:
        for conversation_id in self._followed.pop(connection.id, ()):
            _remove(self.followers, conversation_id, connection)

    def readers(self, conversation_id: str, visitor_id: str, assignee_id: str) -> list[Connection]:
        """The connections of the visitor, of the assignee and of the followers."""
        return [*self.visitors.get(visitor_id, ()), *self.agent_readers(conversation_id, assignee_id)]

    def agent_readers(self, conversation_id: str, assignee_id: str) -> list[Connection]:
        owners = self.agents.get(assignee_id, []) if assignee_id else []
        followers = self.followers.get(conversation_id)
        if not followers:
            return owners
        return owners + [connection for connection in followers if connection not in owners]


class Hub:
    """All signed-in connections, by connection id and by site key."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.connections: dict[str, Connection] = {}
        self.sites: dict[str, SiteConnections] = {}

    def add(self, connection: Connection, identity: PeerIdentity) -> None:
        """Starts the fan-out to a connection. Closes the person's oldest connections past MAX_CONNECTIONS."""
        connection.identity = identity
        self.connections[connection.id] = connection
        of_person = self._site(identity.site).of(identity.kind).setdefault(identity.id, [])
        of_person.append(connection)
        self._metrics.sockets.labels(identity.kind).inc()
        for old in of_person[:-MAX_CONNECTIONS]:
            old.close(Close.REPLACED, "Newer connections of the same person replaced this one.")

    def remove(self, connection: Connection) -> bool:
        """False when the connection is not in the hub, or was removed before."""
        identity = connection.identity
        if identity is None or self.connections.pop(connection.id, None) is None:
            return False
        site = self.sites[identity.site]
        _remove(site.of(identity.kind), identity.id, connection)
        site.unfollow_all(connection)
        if not site.visitors and not site.agents:
            del self.sites[identity.site]
        self._metrics.sockets.labels(identity.kind).dec()
        return True

    def follow(self, connection: Connection, conversation_id: str) -> None:
        """Adds the entries of a conversation that another agent may have."""
        if connection.identity is not None and connection.id in self.connections:
            self._site(connection.identity.site).follow(connection, conversation_id)

    def unfollow(self, connection: Connection, conversation_id: str) -> None:
        if connection.identity is not None and connection.identity.site in self.sites:
            self.sites[connection.identity.site].unfollow(connection, conversation_id)

    def deliver(self, run: Sequence[LiveEntry]) -> None:
        """Delivers a contiguous run to the visitor, the assignee and the followers.

        The connection that sent an entry does not get it: its acknowledgement takes the place. Visitors get each entry as
        `visitor_frame` shows it.
        """
        first = run[0]
        site = self.sites.get(first.site)
        if site is None:
            return
        origins = tuple(entry.origin for entry in run)
        delivered = 0
        visitors = site.visitors.get(first.visitor)
        if visitors:
            delivered += _deliver(visitors, _run_frame(run, for_visitors=True), origins)
        agents = site.agent_readers(first.conversation, first.assignee)
        if agents:
            delivered += _deliver(agents, _run_frame(run, for_visitors=False), origins)
        if delivered:
            self._metrics.entries.inc(delivered)

    def deliver_read(self, read: LiveRead) -> None:
        """Sends a read mark to all readers of the conversation, the reader's own other connections included."""
        site = self.sites.get(read.site)
        if site is None:
            return
        reader = AuthorJson(read.reader.kind, read.reader.id)
        frame = text_frame(encode(ReadUpdate(read.conversation, read.seq, reader)))
        for connection in site.readers(read.conversation, read.visitor, read.assignee):
            connection.send_ephemeral(frame)

    def deliver_typing(self, typing: Typing) -> None:
        """Sends a typing notice to the other participants.

        A visitor gets only those of the assignee: another agent may be writing a note (requirement I-20: notes stay hidden).
        """
        site = self.sites.get(typing.site)
        if site is None:
            return
        author = AuthorJson(typing.who_kind, typing.who, typing.who_name)
        frame = text_frame(encode(TypingNotice(typing.conversation, author)))
        by_assignee = typing.who_kind == AGENT and typing.who == typing.assignee
        visitor_id = typing.visitor if by_assignee else ""
        for connection in site.readers(typing.conversation, visitor_id, typing.assignee):
            identity = connection.identity
            if identity is not None and (identity.kind, identity.id) != (typing.who_kind, typing.who):
                connection.send_ephemeral(frame)

    def send_to_agents(self, site_key: str, frame: ServerFrame) -> None:
        """Sends one frame to every live agent connection of a site."""
        site = self.sites.get(site_key)
        if site is not None and site.agents:
            encoded = text_frame(encode(frame))
            for connection in site.agent_connections():
                if connection.is_live:
                    connection.send_encoded(encoded)

    def _site(self, site_key: str) -> SiteConnections:
        if site_key not in self.sites:
            self.sites[site_key] = SiteConnections()
        return self.sites[site_key]


def _run_frame(run: Sequence[LiveEntry], *, for_visitors: bool) -> EntryFrame:
    parts = tuple(_entry_frame(entry, for_visitors=for_visitors) for entry in run)
    last = parts[-1]
    if len(parts) == 1:
        return last
    return EntryFrame(last.conversation_id, last.epoch, last.seq, b"".join(part.frame for part in parts), parts)


def _entry_frame(entry: LiveEntry, *, for_visitors: bool) -> EntryFrame:
    payload = visitor_frame(entry.kind, entry.frame) if for_visitors else entry.frame
    return EntryFrame(entry.conversation, entry.epoch, entry.seq, text_frame(payload))


def _deliver(connections: Iterable[Connection], frame: EntryFrame, origins: Sequence[str]) -> int:
    """The number of entries written now, over all connections."""
    delivered = 0
    for connection in connections:
        if connection.id not in origins:
            delivered += connection.deliver(frame)
        elif frame.run:
            others = (part for part, origin in zip(frame.run, origins, strict=True) if origin != connection.id)
            delivered += sum(connection.deliver(part) for part in others)
    return delivered


def _remove(index: dict[str, list[Connection]], key: str, connection: Connection) -> None:
    connections = index.get(key)
    if connections is None or connection not in connections:
        return
    connections.remove(connection)
    if not connections:
        del index[key]
