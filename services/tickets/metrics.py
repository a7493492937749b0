"""Metrics of the tickets service."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.opened = Counter("palique_tickets_opened", "Tickets made.", ["origin"], registry=registry)
        self.changed = Counter("palique_tickets_changed", "Fields of tickets changed.", ["field"], registry=registry)
        self.extended = Counter(
            "palique_tickets_transcripts_extended", "Transcripts that took in later messages.", registry=registry
        )
        self.mails = Counter("palique_mails", "Mails after a try, by their state.", ["state"], registry=registry)
        self.mail_age = Gauge(
            "palique_mail_oldest_seconds", "Age of the oldest mail that waits for another try.", registry=registry
        )
        # Created with value 0: a rate over a series that begins at 1 misses the first count.
        for origin in ("conversation", "request"):
            self.opened.labels(origin)
        for state in ("sent", "queued", "refused", "expired"):
            self.mails.labels(state)
