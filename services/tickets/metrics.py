"""What is counted about tickets."""

from prometheus_client import CollectorRegistry, Counter


class Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.opened = Counter("palique_tickets_opened", "Tickets made.", ["origin"], registry=registry)
        self.changed = Counter("palique_tickets_changed", "Fields of tickets changed.", ["field"], registry=registry)
        self.extended = Counter(
            "palique_tickets_transcripts_extended", "Transcripts that took in later messages.", registry=registry
        )
        # There from the start: a rate over what appears only with its first count misses that one.
        for origin in ("conversation", "request"):
            self.opened.labels(origin)
