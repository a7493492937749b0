"""Prometheus metrics of the gateway."""

from collections.abc import Mapping, Sized
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kit.bus.subscriber import invalid_messages_counter
from kit.codes import Close, Code

# A majority insert over gRPC takes milliseconds; after five seconds the client is asked to retry.
_ACK_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_LAG_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """One object per process; `/metrics` serves the registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._make_connections(registry)
        self._make_messages(registry)
        self._make_state(registry)

    def _make_connections(self, registry: CollectorRegistry) -> None:
        """Connections and their frames."""
        self.sockets = Gauge("palique_sockets", "Authenticated connections.", ["kind"], registry=registry)
        self.refused = Counter(
            "palique_handshakes_refused", "Handshakes refused with HTTP.", ["kind", "reason"], registry=registry
        )
        self.closes = Counter(
            "palique_socket_closes", "Connections closed by the gateway.", ["code"], registry=registry
        )
        self.frames = Counter("palique_frames_received", "Frames received.", ["type"], registry=registry)
        self.frames_refused = Counter(
            "palique_frames_refused", "Frames refused unhandled: bad input, or too many.", ["code"], registry=registry
        )
        self.nacks = Counter("palique_nacks", "Messages refused.", ["code"], registry=registry)
        # Labels that alerts use exist from the start: the rate of a series that appears with its first count misses that count.
        for close in (Close.TOO_SLOW, Close.TOO_FAST, Close.INTERNAL_ERROR):
            self.closes.labels(int(close))
        for code in (Code.RETRY, Code.UNAVAILABLE, Code.OVERLOADED, Code.INTERNAL):
            self.nacks.labels(code)

    def _make_messages(self, registry: CollectorRegistry) -> None:
        """Messages and entries on their way."""
        self.entries = Counter("palique_entries_delivered", "Entries sent to connections live.", registry=registry)
        self.dropped = Counter(
            "palique_frames_dropped", "Frames dropped for clients that read slowly.", registry=registry
        )
        self.ack = Histogram(
            "palique_ack_seconds",
            "Time from the frame of a message to its acknowledgement.",
            registry=registry,
            buckets=_ACK_BUCKETS,
        )
        self.lag = Histogram(
            "palique_hint_lag_seconds",
            "Time from an entry to its arrival in the gateway, once per batch of hints.",
            registry=registry,
            buckets=_LAG_BUCKETS,
        )
        self.invalid_messages = invalid_messages_counter(registry)

    def _make_state(self, registry: CollectorRegistry) -> None:
        """Comparisons with the other services, queues and load shedding."""
        self.syncs = Counter(
            "palique_syncs", "Comparisons of cursors with the heads in chat, by reason.", ["reason"], registry=registry
        )
        self.told = Counter("palique_stale_told", "Stale or reset frames sent after a comparison.", registry=registry)
        self.queue = Gauge(
            "palique_gateway_queue_length", "Items that wait in this gateway.", ["queue"], registry=registry
        )
        self.shed = Gauge(
            "palique_gateway_shed",
            "Level of load shedding: 0 nothing … 3 new chats.",
            registry=registry,
        )
        self.reports = Counter("palique_presence_reports", "Reports to presence.", ["outcome"], registry=registry)
        self.snapshots = Counter(
            "palique_roster_snapshots", "Snapshots of lists read from presence.", ["roster"], registry=registry
        )

    def measure_queues(self, queues: Mapping[str, Sized]) -> None:
        """The lengths are read at each scrape."""
        for name, queue in queues.items():
            self.queue.labels(name).set_function(partial(len, queue))
