"""What the gateway's sockets count."""

from collections.abc import Mapping, Sized
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kit.codes import Close, Code

# A majority insert over gRPC takes milliseconds; past five seconds the client is told to retry.
_ACK_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
_LAG_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """One of these a process; the registry is whose `/metrics` shows it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.sockets = Gauge("palique_sockets", "Sockets that are signed in.", ["kind"], registry=registry)
        self.refused = Counter(
            "palique_handshakes_refused", "Handshakes answered with HTTP.", ["kind", "reason"], registry=registry
        )
        self.closes = Counter("palique_socket_closes", "Sockets closed by us.", ["code"], registry=registry)
        self.frames = Counter("palique_frames_received", "Frames taken in.", ["type"], registry=registry)
        self.nacks = Counter("palique_nacks", "Messages refused.", ["code"], registry=registry)
        # What alerts ask for is there from the start: a rate over what appears only with its first count misses that one.
        self.closes.labels(int(Close.TOO_SLOW))
        for code in (Code.RETRY, Code.UNAVAILABLE, Code.OVERLOADED, Code.INTERNAL):
            self.nacks.labels(code)
        self.entries = Counter(
            "palique_entries_delivered", "Entries written to sockets as they came.", registry=registry
        )
        self.dropped = Counter(
            "palique_frames_dropped", "Frames given up for peers that read slowly.", registry=registry
        )
        self.ack = Histogram(
            "palique_ack_seconds",
            "From a message's frame to its acknowledgement.",
            registry=registry,
            buckets=_ACK_BUCKETS,
        )
        self.lag = Histogram(
            "palique_hint_lag_seconds",
            "From an entry's time to its arrival here, once a batch of hints.",
            registry=registry,
            buckets=_LAG_BUCKETS,
        )
        self.syncs = Counter("palique_syncs", "Comparisons with the true heads.", ["reason"], registry=registry)
        self.told = Counter("palique_stale_told", "Sockets told that they are behind.", registry=registry)
        self.queue = Gauge("palique_gateway_queue_length", "Items that wait in here.", ["queue"], registry=registry)
        self.shed = Gauge(
            "palique_gateway_shed",
            "What is left undone under too much load: 0 nothing … 3 new chats.",
            registry=registry,
        )
        self.reports = Counter("palique_presence_reports", "Reports to presence.", ["outcome"], registry=registry)
        self.snapshots = Counter("palique_roster_snapshots", "Lists read anew.", ["roster"], registry=registry)

    def measure_queues(self, queues: Mapping[str, Sized]) -> None:
        """Their lengths are read when somebody asks for the metrics."""
        for name, queue in queues.items():
            self.queue.labels(name).set_function(partial(len, queue))
