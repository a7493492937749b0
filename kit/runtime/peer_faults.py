"""Peer faults: what peers do wrong at the level of HTTP and websockets. Counted, never logged: a log that a peer can fill hides other lines."""

from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter


class PeerFault(StrEnum):
    """What a peer did."""

    BAD_REQUEST = "bad_request"  # bytes that are no HTTP request, also TLS on this plain port
    BAD_HANDSHAKE = "bad_handshake"  # a websocket handshake that breaks RFC 6455
    BAD_FRAME = "bad_frame"  # a websocket frame that breaks RFC 6455
    LEFT = "left"  # it closed or reset the connection within a request, a handshake or a response
    LATE = "late"  # it did not send a request, or read a response, in time
    CROWDED = "crowded"  # its connection was closed because it, or all peers, have too many
    INTERNAL = "internal"  # its bytes raised an exception of the server that no other rule expected


class PeerFaults:
    """The counter of a process, for all its ports. One object per registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter = Counter(
            "palique_peer_faults", "What peers did wrong below the application.", ["fault"], registry=registry
        )
        self._counters = {fault: counter.labels(fault.value) for fault in PeerFault}

    def count(self, fault: PeerFault) -> None:
        self._counters[fault].inc()
