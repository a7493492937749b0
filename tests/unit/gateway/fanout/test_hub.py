"""The hub: the index of connections, and the routing of frames to them."""

import json
from collections.abc import Iterable
from typing import Any, cast

from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers

from services.gateway.connection.connection import AGENT, Connection, Dispatcher, PeerIdentity
from services.gateway.connection.frame_codec import AGENT_DECODER
from services.gateway.connection.protocol import ConnectionProtocol
from services.gateway.connection.token_bucket import TokenBucket
from services.gateway.connection.transport import Transport
from services.gateway.fanout.hub import Hub
from services.gateway.metrics import Metrics

SITE = "demo"


class Peer:
    """A transport that takes every frame at once and keeps it."""

    can_write = True

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def write(self, frame: bytes) -> None:
        self.frames.append(json.loads(frame[frame.index(b"{") :]))

    write_batched = write


class CountedList(list[Connection]):
    """Counts each look at its content."""

    touched = 0

    def __contains__(self, item: object) -> bool:
        self.touched += 1
        return super().__contains__(item)

    def remove(self, item: Connection) -> None:
        self.touched += 1
        super().remove(item)


def connect(hub: Hub, metrics: Metrics, identity: PeerIdentity, connection_id: str) -> tuple[Connection, Peer]:
    """A live connection in the hub, and its far end."""
    peer, machine = Peer(), ConnectionProtocol(AGENT_DECODER, TokenBucket(50, 200), 0)
    transport, dispatcher = cast(Transport, peer), cast(Dispatcher, None)
    connection = Connection(
        identity.kind, connection_id, transport, machine, dispatcher, Headers(), now=lambda: 0, metrics=metrics
    )
    machine.received(b'{"type":"hello"}', 0)
    machine.identified(TokenBucket(10, 30), None)
    machine.resumed(0)
    hub.add(connection, identity)
    return connection, peer


def follow_all(hub: Hub, connection: Connection, conversation_ids: Iterable[str]) -> None:
    for conversation_id in conversation_ids:
        hub.follow(connection, conversation_id)


def test_removal_touches_only_what_the_connection_follows() -> None:
    metrics = Metrics(CollectorRegistry())
    hub = Hub(metrics)
    ana, _ = connect(hub, metrics, PeerIdentity(AGENT, SITE, "ana", "Ana"), "a")
    ben, _ = connect(hub, metrics, PeerIdentity(AGENT, SITE, "ben", "Ben"), "b")
    follow_all(hub, ana, (str(number) for number in range(1000)))
    follow_all(hub, ben, ("7", "2000"))
    followers = hub.sites[SITE].followers
    counted = {conversation_id: CountedList(connections) for conversation_id, connections in followers.items()}
    followers.update(counted)

    assert hub.remove(ben)
    assert {conversation_id for conversation_id, each in counted.items() if each.touched} == {"7", "2000"}
    assert list(followers["7"]) == [ana]
    assert "2000" not in followers


def test_unfollow_ends_one_subscription_and_keeps_the_others() -> None:
    metrics = Metrics(CollectorRegistry())
    hub = Hub(metrics)
    ana, _ = connect(hub, metrics, PeerIdentity(AGENT, SITE, "ana", "Ana"), "a")
    follow_all(hub, ana, ("x", "x", "y"))
    hub.unfollow(ana, "x")
    hub.unfollow(ana, "x")
    assert hub.sites[SITE].followers == {"y": [ana]}
    hub.remove(ana)
    hub.unfollow(ana, "y")
    assert SITE not in hub.sites
