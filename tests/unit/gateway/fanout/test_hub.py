"""The hub: the index of connections, and the routing of frames to them."""

import json
from collections.abc import Iterable

from palique.chat.v1.chat_pb2 import Person
from palique.chat.v1.live_pb2 import LiveEntry, LiveRead
from palique.gateway.v1.live_pb2 import Typing

from services.gateway.connection.connection import Connection
from services.gateway.connection.frames import ServicesAway
from services.gateway.connection.peer import AGENT, PeerIdentity
from services.gateway.fanout.hub import Hub
from tests.unit.gateway.fanout.live_connections import OTHER_SITE, SITE, Connections, Peer


class CountedList(list[Connection]):
    """Counts each look at its content."""

    touched = 0

    def __contains__(self, item: object) -> bool:
        self.touched += 1
        return super().__contains__(item)

    def remove(self, item: Connection) -> None:
        self.touched += 1
        super().remove(item)


def follow_all(hub: Hub, connection: Connection, conversation_ids: Iterable[str]) -> None:
    for conversation_id in conversation_ids:
        hub.follow(connection, conversation_id)


def test_removal_touches_only_what_the_connection_follows() -> None:
    connections = Connections()
    hub = connections.hub
    ana, _ = connections.add(PeerIdentity(AGENT, SITE, "ana", "Ana"))
    ben, _ = connections.add(PeerIdentity(AGENT, SITE, "ben", "Ben"))
    follow_all(hub, ana, (str(number) for number in range(1000)))
    follow_all(hub, ben, ("7", "2000"))
    followers = hub.sites[SITE].followers
    counted = {conversation_id: CountedList(each) for conversation_id, each in followers.items()}
    followers.update(counted)

    assert hub.remove(ben)
    assert {conversation_id for conversation_id, each in counted.items() if each.touched} == {"7", "2000"}
    assert list(followers["7"]) == [ana]
    assert "2000" not in followers


def test_unfollow_ends_one_subscription_and_keeps_the_others() -> None:
    connections = Connections()
    hub = connections.hub
    ana, _ = connections.add(PeerIdentity(AGENT, SITE, "ana", "Ana"))
    follow_all(hub, ana, ("x", "x", "y"))
    hub.unfollow(ana, "x")
    hub.unfollow(ana, "x")
    assert hub.sites[SITE].followers == {"y": [ana]}
    hub.remove(ana)
    hub.unfollow(ana, "y")
    assert SITE not in hub.sites


def entry(seq: int = 1, kind: str = "message") -> LiveEntry:
    """An entry in Vera's conversation, which Ana has."""
    frame = json.dumps({"type": "entry", "conversation": "c", "epoch": 1, "seq": seq, "kind": kind, "text": "words"})
    return LiveEntry(
        site=SITE, conversation="c", epoch=1, seq=seq, kind=kind, visitor="vera", assignee="ana", frame=frame.encode()
    )


def readers_and_others(connections: Connections) -> tuple[dict[str, Peer], dict[str, Peer]]:
    """The connections that may read Vera's conversation, and those that may not."""
    following, follower = connections.add(PeerIdentity(AGENT, SITE, "ben", "Ben"))
    connections.hub.follow(following, "c")
    elsewhere, other_follower = connections.add(PeerIdentity(AGENT, OTHER_SITE, "ben", "Ben"))
    connections.hub.follow(elsewhere, "c")
    readers = {"visitor": connections.visitor("vera"), "assignee": connections.agent("ana"), "follower": follower}
    others = {
        "another visitor": connections.visitor("otto"),
        "another agent": connections.agent("eve"),
        "a visitor with this id on another site": connections.visitor("vera", OTHER_SITE),
        "an agent with this id on another site": connections.agent("ana", OTHER_SITE),
        "a follower of this id on another site": other_follower,
    }
    return readers, others


def with_frames(peers: dict[str, Peer]) -> list[str]:
    return [name for name, peer in peers.items() if peer.frames]


def test_an_entry_reaches_the_visitor_the_assignee_and_followers_of_its_site_only() -> None:
    connections = Connections()
    readers, others = readers_and_others(connections)
    connections.hub.deliver([entry()])
    assert with_frames(readers) == list(readers)
    assert with_frames(others) == []


def test_a_read_mark_reaches_the_readers_of_its_site_only() -> None:
    connections = Connections()
    readers, others = readers_and_others(connections)
    reader = Person(kind=AGENT, id="ana")
    connections.hub.deliver_read(
        LiveRead(site=SITE, conversation="c", visitor="vera", assignee="ana", seq=1, reader=reader)
    )
    assert with_frames(readers) == list(readers)
    assert with_frames(others) == []


def typing(agent_id: str) -> Typing:
    return Typing(
        site=SITE, conversation="c", visitor="vera", assignee="ana", who_kind=AGENT, who=agent_id, who_name=agent_id
    )


def test_a_visitor_gets_the_typing_of_the_assignee_only() -> None:
    """Requirement I-20: typing of an agent outside of the conversation means a note, so it is hidden from the visitor."""
    connections = Connections()
    readers, others = readers_and_others(connections)
    connections.hub.deliver_typing(typing("ben"))
    assert with_frames(readers) == ["assignee"]
    connections.hub.deliver_typing(typing("ana"))
    assert with_frames(readers) == ["visitor", "assignee", "follower"]
    assert with_frames(others) == []


def test_a_frame_for_agents_reaches_neither_visitors_nor_agents_of_another_site() -> None:
    connections = Connections()
    agents = {"ana": connections.agent("ana"), "ben": connections.agent("ben")}
    others = {"visitor": connections.visitor("vera"), "agent elsewhere": connections.agent("ana", OTHER_SITE)}
    connections.hub.send_to_agents(SITE, ServicesAway(["chat"]))
    assert with_frames(agents) == ["ana", "ben"]
    assert with_frames(others) == []


def test_a_follower_that_unfollowed_gets_nothing_more() -> None:
    connections = Connections()
    ben, peer = connections.add(PeerIdentity(AGENT, SITE, "ben", "Ben"))
    connections.hub.follow(ben, "c")
    connections.hub.deliver([entry(1)])
    connections.hub.unfollow(ben, "c")
    connections.hub.deliver([entry(2)])
    assert [frame["seq"] for frame in peer.frames] == [1]
