"""Metrics of the chat service."""

from collections.abc import Mapping, Sized
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from kit.migration import left_gauge
from services.chat.domain.log import State

# The name of the indexing of closed conversations by the current rules.
MIGRATION = "conversation_terms"

# From a majority insert on an idle machine (1 ms) to a fail-over (10 s).
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
# Waiting times of people: seconds are good, a quarter of an hour is a lost visitor.
_WAITS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """Created once for each registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._make_appends(registry)
        self._make_work(registry)
        self._make_service(registry)

    def _make_appends(self, registry: CollectorRegistry) -> None:
        """Commands and their entries."""
        self.appended = Counter(
            "palique_chat_entries_appended", "Entries that a majority has.", ["kind"], registry=registry
        )
        self.outcomes = Counter(
            "palique_chat_append_outcomes",
            "Results of commands: appended, already, duplicate, or an error code.",
            ["outcome"],
            registry=registry,
        )
        self.races_lost = Counter(
            "palique_chat_append_races_lost", "Appends that found their seq taken.", registry=registry
        )
        self.append_seconds = Histogram(
            "palique_chat_append_seconds", "From a command to its answer.", buckets=_SECONDS, registry=registry
        )
        self.batch_size = Histogram(
            "palique_chat_append_batch_size", "Entries in one insert.", buckets=_SIZES, registry=registry
        )
        self.appends_waiting = Gauge(
            "palique_chat_appends_waiting", "Commands that wait for the next insert.", registry=registry
        )
        self.opened = Counter(
            "palique_chat_conversations_opened", "Conversations opened.", ["started_by"], registry=registry
        )

    def _make_work(self, registry: CollectorRegistry) -> None:
        """What the process holds, and hints."""
        self.states_cached = Gauge("palique_chat_folds_known", "Conversation states in memory.", registry=registry)
        self.projections_waiting = Gauge(
            "palique_chat_projections_waiting", "Conversations whose document is behind.", registry=registry
        )
        self.outdated = left_gauge(registry).labels(MIGRATION)
        self.queue = Gauge("palique_chat_queue_length", "Items that wait in this queue.", ["queue"], registry=registry)
        self.hints = Counter("palique_chat_hints", "Hints by outcome.", ["outcome"], registry=registry)
        self.hint_lag_seconds = Histogram(
            "palique_chat_hint_lag_seconds", "From an entry to its hint.", buckets=_SECONDS, registry=registry
        )

    def _make_service(self, registry: CollectorRegistry) -> None:
        """What people see: open conversations and waiting times."""
        self.conversations = Gauge(
            "palique_conversations",
            "Open conversations of all sites; every process exports the same value.",
            ["status"],
            registry=registry,
        )
        self.requeued = Counter(
            "palique_chat_requeued",
            "Conversations of agents that are gone, returned to the queue.",
            ["reason"],
            registry=registry,
        )
        self.wait_seconds = Histogram(
            "palique_wait_seconds",
            "From the opening by a visitor to the first assignment to an agent.",
            buckets=_WAITS,
            registry=registry,
        )
        self.first_answer_seconds = Histogram(
            "palique_first_answer_seconds",
            "From the opening by a visitor to the first message of an agent.",
            buckets=_WAITS,
            registry=registry,
        )

    def observe_service(self, before: State, after: State) -> None:
        """Observes waiting time and first answer, once for each conversation that a visitor started."""
        if after.started_by != "visitor":
            return
        waited_s = (after.last_at_ms - after.started_at_ms) / 1000
        if after.agents and not before.agents:
            self.wait_seconds.observe(waited_s)
        if after.answered_at_ms and not before.answered_at_ms:
            self.first_answer_seconds.observe(waited_s)

    def measure_queues(self, queues: Mapping[str, Sized]) -> None:
        """Lengths are read at each scrape."""
        for name, queue in queues.items():
            self.queue.labels(name).set_function(partial(len, queue))
