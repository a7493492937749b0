"""Metrics of the presence service."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

# From one event to a gateway that lost its lease and reports all its connections.
_SIZES = (1, 4, 16, 64, 256, 1024, 4096)


class Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.online = Gauge("palique_visitors_online", "Visitors online now, over all sites.", registry=registry)
        self.changes = Counter(
            "palique_presence_changes",
            "Changed records of visitors and agents, by what changed them.",
            ["of", "by"],
            registry=registry,
        )
        self.races = Counter(
            "palique_presence_races", "Rounds repeated because another writer was first.", registry=registry
        )
        self.report_events = Histogram(
            "palique_presence_report_events", "Events in a report.", buckets=_SIZES, registry=registry
        )
        self.report_seconds = Histogram("palique_presence_report_seconds", "Time of a report.", registry=registry)
        self.sweep_seconds = Histogram("palique_presence_sweep_seconds", "Time of a sweep.", registry=registry)
        self.deltas = Counter(
            "palique_presence_deltas", "Deltas published, and those lost to the broker.", ["outcome"], registry=registry
        )
        self.deltas_waiting = Gauge(
            "palique_presence_deltas_waiting", "Sites whose changes wait to be published.", registry=registry
        )
        self.leases_lost = Counter(
            "palique_gateway_leases_lost", "Gateways that ended or fell silent for good.", registry=registry
        )
