"""Who is connected here, and the fan-out to them. Everything in memory, nothing waits.

A link is found by its connection, by its person, by its site, and by the conversations that it follows. Sites never mix: every
look-up starts at one site.
"""

from collections.abc import Iterable, Iterator, Sequence

from palique.chat.v1.live_pb2 import LiveEntry, LiveRead
from palique.gateway.v1.live_pb2 import Typing

from kit.codes import Close
from kit.entry_json import HIDDEN_FROM_VISITORS, AuthorJson, hidden_entry
from services.gateway.connection.connection import AGENT, VISITOR, Connection, EntryFrame, PeerIdentity
from services.gateway.connection.frame_codec import encode
from services.gateway.connection.frames import ReadUpdate, ServerFrame, TypingNotice
from services.gateway.connection.transport import text_frame
from services.gateway.metrics import Metrics

# Tabs of one visitor; more is a runaway page, and the newest are those in use (4409).
MAX_CONNECTIONS = 20


class SiteConnections:
    """The links of one site."""

    def __init__(self) -> None:
        self.visitors: dict[str, list[Connection]] = {}
        self.agents: dict[str, list[Connection]] = {}
        self.followers: dict[str, list[Connection]] = {}
        # Conversation ids by connection id: removal costs what this one connection follows.
        self._followed: dict[str, set[str]] = {}

    def follow(self, link: Connection, conversation: str) -> None:
        followed = self._followed.setdefault(link.id, set())
        if conversation not in followed:
            followed.add(conversation)
            self.followers.setdefault(conversation, []).append(link)

    def unfollow(self, link: Connection, conversation: str) -> None:
        followed = self._followed.get(link.id, set())
        if conversation in followed:
            followed.remove(conversation)
            _take_out(self.followers, conversation, link)

    def unfollow_all(self, link: Connection) -> None:
        for conversation in self._followed.pop(link.id, ()):
            _take_out(self.followers, conversation, link)

    def of(self, kind: str) -> dict[str, list[Connection]]:
        return self.visitors if kind == VISITOR else self.agents

    def agent_links(self) -> Iterator[Connection]:
        for links in self.agents.values():
            yield from links

    def visitor_links(self) -> Iterator[Connection]:
        for links in self.visitors.values():
            yield from links

    def all_links(self) -> Iterator[Connection]:
        yield from self.visitor_links()
        yield from self.agent_links()


class Hub:
    """All links of this process."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.links: dict[str, Connection] = {}
        self.sites: dict[str, SiteConnections] = {}

    def add(self, link: Connection, who: PeerIdentity) -> None:
        """From here on the link gets what is its person's; the person's oldest links make room."""
        link.identity = who
        self.links[link.id] = link
        of_person = self._site(who.site).of(who.kind).setdefault(who.id, [])
        of_person.append(link)
        self._metrics.sockets.labels(who.kind).inc()
        for old in of_person[:-MAX_CONNECTIONS]:
            old.close(Close.REPLACED, "Newer sockets of the same person took its place.")

    def remove(self, link: Connection) -> bool:
        """False when it was not in here, or not any more."""
        who = link.identity
        if who is None or self.links.pop(link.id, None) is None:
            return False
        site = self.sites[who.site]
        _take_out(site.of(who.kind), who.id, link)
        site.unfollow_all(link)
        if not site.visitors and not site.agents:
            del self.sites[who.site]
        self._metrics.sockets.labels(who.kind).dec()
        return True

    def follow(self, link: Connection, conversation: str) -> None:
        """Also entries of a conversation that is not the agent's own."""
        if link.identity is not None and link.id in self.links:
            self._site(link.identity.site).follow(link, conversation)

    def unfollow(self, link: Connection, conversation: str) -> None:
        if link.identity is not None and link.identity.site in self.sites:
            self.sites[link.identity.site].unfollow(link, conversation)

    def deliver(self, run: Sequence[LiveEntry]) -> None:
        """Hands entries, as `runs_of` puts them together, to all who may see them and are here; whoever sent one has the
        acknowledgement instead.
        """
        first = run[0]
        site = self.sites.get(first.site)
        if site is None:
            return
        origins = tuple(entry.origin for entry in run)
        delivered = 0
        visitors = site.visitors.get(first.visitor)
        if visitors:
            delivered += _hand(visitors, _handed(run, for_visitors=True), origins)
        agents = self._agents(site, first.conversation, first.assignee)
        if agents:
            delivered += _hand(agents, _handed(run, for_visitors=False), origins)
        if delivered:
            self._metrics.entries.inc(delivered)

    def deliver_read(self, read: LiveRead) -> None:
        """Tells the others, and the reader's own other sockets, how far somebody has read."""
        site = self.sites.get(read.site)
        if site is None:
            return
        reader = AuthorJson(read.reader.kind, read.reader.id)
        frame = text_frame(encode(ReadUpdate(read.conversation, read.seq, reader)))
        for link in self._all(site, read.conversation, read.visitor, read.assignee):
            link.send_ephemeral(frame)

    def deliver_typing(self, typing: Typing) -> None:
        """Tells the other participants that somebody writes. A visitor hears it of the agent who has the conversation only (I-20)."""
        site = self.sites.get(typing.site)
        if site is None:
            return
        who = AuthorJson(typing.who_kind, typing.who, typing.who_name)
        frame = text_frame(encode(TypingNotice(typing.conversation, who)))
        by_assignee = typing.who_kind == AGENT and typing.who == typing.assignee
        visitor = typing.visitor if by_assignee else ""
        for link in self._all(site, typing.conversation, visitor, typing.assignee):
            if link.identity is not None and (link.identity.kind, link.identity.id) != (typing.who_kind, typing.who):
                link.send_ephemeral(frame)

    def to_agents(self, site: str, frame: ServerFrame) -> None:
        """The same frame to every agent of a site."""
        found = self.sites.get(site)
        if found is not None and found.agents:
            encoded = text_frame(encode(frame))
            for link in found.agent_links():
                if link.is_live:
                    link.send_encoded(encoded)

    async def end_session(self, site: str, agent: str, session: str | None) -> None:
        """Ends the sockets here of one session (4401), or of all of an agent's (4403)."""
        found = self.sites.get(site)
        for link in list(found.agents.get(agent, ())) if found is not None else ():
            if session is None:
                link.close(Close.FORBIDDEN, "Access was taken away.")
            elif link.identity is not None and link.identity.session == session:
                link.close(Close.NOT_SIGNED_IN, "Signed out.")

    def _site(self, site: str) -> SiteConnections:
        if site not in self.sites:
            self.sites[site] = SiteConnections()
        return self.sites[site]

    def _agents(self, site: SiteConnections, conversation: str, assignee: str) -> list[Connection]:
        owners = site.agents.get(assignee, []) if assignee else []
        followers = site.followers.get(conversation)
        if not followers:
            return owners
        return owners + [link for link in followers if link not in owners]

    def _all(self, site: SiteConnections, conversation: str, visitor: str, assignee: str) -> Iterable[Connection]:
        return [*site.visitors.get(visitor, ()), *self._agents(site, conversation, assignee)]


def _handed(run: Sequence[LiveEntry], *, for_visitors: bool) -> EntryFrame:
    parts = tuple(_one_handed(entry, for_visitors=for_visitors) for entry in run)
    last = parts[-1]
    if len(parts) == 1:
        return last
    return EntryFrame(last.conversation_id, last.epoch, last.seq, b"".join(part.frame for part in parts), parts)


def _one_handed(entry: LiveEntry, *, for_visitors: bool) -> EntryFrame:
    payload = entry.frame
    if for_visitors and entry.kind in HIDDEN_FROM_VISITORS:
        payload = encode(hidden_entry(entry.conversation, entry.epoch, entry.seq))
    return EntryFrame(entry.conversation, entry.epoch, entry.seq, text_frame(payload))


def _hand(links: Iterable[Connection], handed: EntryFrame, origins: Sequence[str]) -> int:
    """How many got it now, each entry counted."""
    delivered = 0
    for link in links:
        if link.id not in origins:
            delivered += link.deliver(handed)
        elif handed.run:
            others = (part for part, origin in zip(handed.run, origins, strict=True) if origin != link.id)
            delivered += sum(link.deliver(part) for part in others)
    return delivered


def _take_out(index: dict[str, list[Connection]], key: str, link: Connection) -> None:
    links = index.get(key)
    if links is None or link not in links:
        return
    links.remove(link)
    if not links:
        del index[key]
