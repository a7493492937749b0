"""Live connections over a transport in memory."""

import json
from collections.abc import Iterator
from typing import cast

import structlog
from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers

from services.gateway.connection.connection import Connection, Dispatcher
from services.gateway.connection.frame_codec import AGENT_DECODER, VISITOR_DECODER
from services.gateway.connection.peer import AGENT, PeerIdentity
from services.gateway.connection.protocol import ConnectionProtocol
from services.gateway.connection.token_bucket import TokenBucket
from services.gateway.connection.transport import Transport
from services.gateway.fanout.hub import Hub
from services.gateway.metrics import Metrics
from tests.support.json_object import JsonObject

SITE, OTHER_SITE = "demo", "other"


def payloads(data: bytes) -> Iterator[bytes]:
    """The payloads of unmasked text frames below 64 KiB, one after the other."""
    while data:
        size, start = (data[1], 2) if data[1] < 126 else (int.from_bytes(data[2:4], "big"), 4)
        yield data[start : start + size]
        data = data[start + size :]


class Peer:
    """A transport that takes every frame at once and keeps it."""

    can_write = True

    def __init__(self) -> None:
        self.raw = b""
        self.frames: list[JsonObject] = []
        self.code: int | None = None

    @property
    def is_open(self) -> bool:
        return self.code is None

    def write(self, frame: bytes) -> None:
        self.raw += frame
        self.frames += [json.loads(payload) for payload in payloads(frame)]

    write_batched = write

    def close(self, code: int, _: str) -> None:
        self.code = int(code)

    def types(self) -> list[str]:
        return [frame["type"] for frame in self.frames]


class Connections:
    """A hub and its connections."""

    def __init__(self) -> None:
        self.metrics = Metrics(CollectorRegistry())
        self.hub = Hub(self.metrics)

    def add(self, identity: PeerIdentity, connection_id: str = "") -> tuple[Connection, Peer]:
        """A live connection in the hub, and its far end. No bytes arrive, so that nothing is dispatched."""
        decoder = AGENT_DECODER if identity.kind == AGENT else VISITOR_DECODER
        peer, protocol = Peer(), ConnectionProtocol(decoder, TokenBucket(50, 200), 0)
        transport, dispatcher = cast(Transport, peer), cast(Dispatcher, None)
        connection = Connection(
            identity.kind,
            connection_id or f"connection {len(self.hub.connections)}",
            transport,
            protocol,
            dispatcher,
            Headers(),
            now=lambda: 0,
            log=structlog.stdlib.get_logger(),
            metrics=self.metrics,
        )
        protocol.received(b'{"type":"hello"}', 0)
        protocol.identified((TokenBucket(10, 30),), None)
        protocol.resumed(0)
        self.hub.add(connection, identity)
        return connection, peer

    def agent(self, name: str, site_key: str = SITE, **fields: str) -> Peer:
        return self.add(PeerIdentity(AGENT, site_key, name, name.title(), **fields))[1]

    def visitor(self, visitor_id: str, site_key: str = SITE) -> Peer:
        return self.add(PeerIdentity("visitor", site_key, visitor_id, visitor_id.title()))[1]
