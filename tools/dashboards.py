"""Grafana's dashboards, as JSON in deploy/observability/grafana: for team leads, for operators, and one per service.

Each panel is one line: title, unit, Prometheus queries. `make observability` runs every query against a Prometheus that scraped a
running stack, and requires a result. Where all replicas report the same number, the query takes the maximum.
"""

import json
from typing import NamedTuple

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT = 8, 8
A_ROW = 24
RATE = "$__rate_interval"
OURS = 'service=~"gateway|presence|chat|tickets"'


class Panel(NamedTuple):
    """`queries` by their legend; `unit` is one of Grafana's."""

    title: str
    unit: str
    queries: dict[str, str]
    kind: str = "timeseries"


def rate(metric: str, by: str = "", labels: str = "") -> str:
    """The rate per second, summed over all processes."""
    grouped = f" by ({by})" if by else ""
    return f"sum{grouped} (rate({metric}{{{labels}}}[{RATE}]))"


def quantile(share: float, metric: str, by: str = "", labels: str = "") -> str:
    """Quantiles of a histogram over all processes."""
    grouped = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({grouped}) (rate({metric}_bucket{{{labels}}}[{RATE}])))"


def quantiles(metric: str, labels: str = "") -> dict[str, str]:
    return {"p50": quantile(0.5, metric, labels=labels), "p99": quantile(0.99, metric, labels=labels)}


def within(bound: str, metric: str) -> str:
    """The share at or below `bound`, which is a bucket of the histogram."""
    return f"{rate(metric + '_bucket', labels=f'le={bound!r}')} / {rate(metric + '_count')}"


def or_zero(query: str) -> str:
    """The query, or 0: a counter is absent before its first event."""
    return f"({query}) or vector(0)"


def process_panels(service: str) -> list[Panel]:
    """Panels of every process."""
    of = f'service="{service}"'
    return [
        Panel("Processes", "short", {"up": f"sum(up{{{of}}})"}, "stat"),
        Panel("Processor", "percentunit", {"{{instance}}": f"rate(process_cpu_seconds_total{{{of}}}[{RATE}])"}),
        Panel("Memory", "bytes", {"{{instance}}": f"process_resident_memory_bytes{{{of}}}"}),
        Panel("Loop is late by (p99)", "s", {"{{instance}}": quantile(0.99, "palique_event_loop_lag_seconds", "instance", of)}),
        Panel("MongoDB, p99 by command", "s", {"{{command}}": quantile(0.99, "palique_mongo_command_seconds", "command", of)}),
        Panel("Broker is there", "short", {"{{instance}}": f"min by (instance) (palique_bus_connected{{{of}}})"}),
    ]  # fmt: skip


def answering_panels(service: str) -> list[Panel]:
    """Panels of every gRPC service."""
    of = f'service="{service}"'
    return [
        Panel("Calls a second", "reqps", {"{{method}}": rate("palique_rpc_handled_seconds_count", "method", of)}),
        Panel("Calls, p99", "s", {"{{method}}": quantile(0.99, "palique_rpc_handled_seconds", "method", of)}),
        Panel("Calls by outcome", "reqps", {"{{code}}": rate("palique_rpc_handled_seconds_count", "code", of)}),
        Panel("Calls in flight", "short", {"{{instance}}": f"palique_rpc_in_flight{{{of}}}"}),
    ]


SERVER_ERRORS = (
    f"({or_zero(rate('palique_http_seconds_count', labels='status=~`5..`'))}) / {rate('palique_http_seconds_count')}"
)

TEAM = [
    Panel("Waiting now", "short", {"waiting": 'max(palique_conversations{status="waiting"})'}, "stat"),
    Panel("Active now", "short", {"active": 'max(palique_conversations{status="active"})'}, "stat"),
    Panel("Visitors online", "short", {"online": "max(palique_visitors_online)"}, "stat"),
    Panel(
        "Waiting and active",
        "short",
        {"{{status}}": "max by (status) (palique_conversations)"},
    ),
    Panel("Time until accepted", "s", quantiles("palique_wait_seconds")),
    Panel("Until the first answer", "s", quantiles("palique_first_answer_seconds")),
    Panel(
        "Conversations begun, an hour",
        "short",
        {"by {{started_by}}": f"3600 * {rate('palique_chat_conversations_opened_total', 'started_by')}"},
    ),
    Panel(
        "Messages a minute",
        "short",
        {"messages": "60 * " + rate("palique_chat_entries_appended_total", labels='kind="message"')},
    ),
    Panel(
        "Tickets made, an hour",
        "short",
        {"from {{origin}}": f"3600 * {rate('palique_tickets_opened_total', 'origin')}"},
    ),
    Panel("Agents' sockets", "short", {"agents": 'sum(palique_sockets{kind="agent"})'}),
    Panel("Visitors online, over time", "short", {"online": "max(palique_visitors_online)"}),
]

OPERATOR = [
    Panel("Processes", "short", {"{{service}}": f"sum by (service) (up{{{OURS}}})"}, "stat"),
    Panel("Acknowledged within 500 ms", "percentunit", {"share": within("0.5", "palique_ack_seconds")}, "stat"),
    Panel("Delivered within 1 s", "percentunit", {"share": within("1.0", "palique_hint_lag_seconds")}, "stat"),
    Panel("Messages: frame to acknowledgement", "s", quantiles("palique_ack_seconds")),
    Panel("Messages: entry to gateway", "s", quantiles("palique_hint_lag_seconds")),
    Panel("Messages a second, and refused", "reqps", {"sent": rate("palique_frames_received_total", labels='type="send"'), "refused": or_zero(rate("palique_nacks_total"))}),
    Panel("Sockets", "short", {"{{kind}}": "sum by (kind) (palique_sockets)"}),
    Panel("Sockets closed, a second", "short", {"all": or_zero(rate("palique_socket_closes_total"))}),
    Panel("HTTP errors, share", "percentunit", {"5xx": SERVER_ERRORS}),
    Panel("Calls between services, p99", "s", {"{{service}}": quantile(0.99, "palique_rpc_call_seconds", "service")}),
    Panel("MongoDB, p99 by service", "s", {"{{service}}": quantile(0.99, "palique_mongo_command_seconds", "service")}),
    Panel("MongoDB, failed commands a second", "short", {"all": or_zero(rate("palique_mongo_command_seconds_count", labels='outcome="error"'))}),
    Panel("Database is there", "short", {"{{service}}": "min by (service) (palique_mongo_connected)"}),
    Panel("Broker is there", "short", {"{{service}}": "min by (service) (palique_bus_connected)"}),
    Panel("Facts: age of the oldest unconfirmed", "s", {"{{service}}": "max by (service) (palique_outbox_age_seconds)"}),
    Panel("Facts taken, a second", "short", {"{{service}} {{outcome}}": rate("palique_facts_taken_total", "service, outcome")}),
    Panel("Migrations: documents left", "short", {"{{migration}}": "min by (migration) (palique_migration_documents_left)"}),
    Panel("Processor", "percentunit", {"{{service}} {{instance}}": f"rate(process_cpu_seconds_total{{{OURS}}}[{RATE}])"}),
    Panel("Memory", "bytes", {"{{service}} {{instance}}": f"process_resident_memory_bytes{{{OURS}}}"}),
    Panel("Loop is late by (p99)", "s", {"{{service}}": quantile(0.99, "palique_event_loop_lag_seconds", "service")}),
]  # fmt: skip

GATEWAY = [
    *process_panels("gateway"),
    Panel("Frames a second", "reqps", {"{{type}}": rate("palique_frames_received_total", "type")}),
    Panel("Entries delivered a second", "short", {"entries": rate("palique_entries_delivered_total")}),
    Panel("Frames dropped for slow peers", "short", {"frames": rate("palique_frames_dropped_total")}),
    Panel("What waits", "short", {"{{queue}}": "sum by (queue) (palique_gateway_queue_length)"}),
    Panel("Left undone under load (0 nothing)", "short", {"{{instance}}": "palique_gateway_shed"}),
    Panel("Comparisons with the true heads", "short", {"{{reason}}": rate("palique_syncs_total", "reason")}),
    Panel("Stale frames sent", "short", {"sockets": rate("palique_stale_told_total")}),
    Panel("HTTP calls, p99 by route", "s", {"{{route}}": quantile(0.99, "palique_http_seconds", "route")}),
    Panel("Handshakes refused", "short", {"all": or_zero(rate("palique_handshakes_refused_total"))}),
    Panel("Calls to other services, p99", "s", {"{{method}}": quantile(0.99, "palique_rpc_call_seconds", "method", 'service="gateway"')}),
    Panel("Reports to presence", "short", {"{{outcome}}": rate("palique_presence_reports_total", "outcome")}),
    Panel("Roster snapshots read", "short", {"{{roster}}": rate("palique_roster_snapshots_total", "roster")}),
]  # fmt: skip

CHAT = [
    *process_panels("chat"),
    *answering_panels("chat"),
    Panel("Command to answer", "s", quantiles("palique_chat_append_seconds")),
    Panel("Entries a second", "short", {"{{kind}}": rate("palique_chat_entries_appended_total", "kind")}),
    Panel("Entries in one insert", "short", quantiles("palique_chat_append_batch_size")),
    Panel("Commands that wait", "short", {"{{instance}}": "palique_chat_appends_waiting"}),
    Panel(
        "Results returned to callers", "short", {"{{outcome}}": rate("palique_chat_append_outcomes_total", "outcome")}
    ),
    Panel("Races lost", "short", {"races": rate("palique_chat_append_races_lost_total")}),
    Panel("Hints", "short", {"{{outcome}}": rate("palique_chat_hints_total", "outcome")}),
    Panel("Entry to hint", "s", quantiles("palique_chat_hint_lag_seconds")),
    Panel("Lists behind their logs", "short", {"{{instance}}": "palique_chat_projections_waiting"}),
    Panel("States in memory", "short", {"{{instance}}": "palique_chat_folds_known"}),
    Panel("Facts confirmed, by", "short", {"{{by}}": rate("palique_facts_published_total", "by", 'service="chat"')}),
    Panel("Facts in memory", "short", {"{{instance}}": 'palique_outbox_posted{service="chat"}'}),
]

PRESENCE = [
    *process_panels("presence"),
    *answering_panels("presence"),
    Panel("Changes", "short", {"{{of}} by {{by}}": rate("palique_presence_changes_total", "of, by")}),
    Panel("Time of a report", "s", quantiles("palique_presence_report_seconds")),
    Panel("Events in a report", "short", quantiles("palique_presence_report_events")),
    Panel("Time of a sweep", "s", quantiles("palique_presence_sweep_seconds")),
    Panel("Races", "short", {"races": rate("palique_presence_races_total")}),
    Panel("Deltas", "short", {"{{outcome}}": rate("palique_presence_deltas_total", "outcome")}),
    Panel("Gateways that fell silent", "short", {"gateways": rate("palique_gateway_leases_lost_total")}),
    Panel("Facts in hand", "short", {"{{instance}}": 'palique_facts_in_hand{service="presence"}'}),
    Panel("Time to handle a fact", "s", quantiles("palique_facts_handling_seconds", 'service="presence"')),
]

TICKETS = [
    *process_panels("tickets"),
    *answering_panels("tickets"),
    Panel("Tickets made", "short", {"{{origin}}": rate("palique_tickets_opened_total", "origin")}),
    Panel("Fields changed", "short", {"all": or_zero(rate("palique_tickets_changed_total"))}),
    Panel("Transcripts extended", "short", {"all": rate("palique_tickets_transcripts_extended_total")}),
    Panel("Facts taken", "short", {"{{outcome}}": rate("palique_facts_taken_total", "outcome", 'service="tickets"')}),
    Panel("Facts in hand", "short", {"{{instance}}": 'palique_facts_in_hand{service="tickets"}'}),
    Panel("Time to handle a fact", "s", quantiles("palique_facts_handling_seconds", 'service="tickets"')),
    Panel("Facts not yet confirmed: age", "s", {"{{instance}}": 'palique_outbox_age_seconds{service="tickets"}'}),
    Panel("Mails after a try", "short", {"{{state}}": rate("palique_mails_total", "state")}),
    Panel("Mails that wait: age of the oldest", "s", {"all": "max(palique_mail_oldest_seconds)"}),
    Panel(
        "Mails given up in half an hour",
        "short",
        {"{{state}}": 'sum by (state) (increase(palique_mails_total{state=~"expired|refused"}[30m]))'},
    ),
]

DASHBOARDS: dict[str, tuple[str, list[Panel]]] = {
    "team": ("Palique: the team", TEAM),
    "operator": ("Palique: operation", OPERATOR),
    "gateway": ("Palique: gateway", GATEWAY),
    "chat": ("Palique: chat", CHAT),
    "presence": ("Palique: presence", PRESENCE),
    "tickets": ("Palique: tickets", TICKETS),
}


def dashboards() -> dict[str, str]:
    """The files, by name."""
    return {f"{name}.json": json.dumps(_dashboard(name, *it), indent=1) + "\n" for name, it in DASHBOARDS.items()}


def _dashboard(name: str, title: str, panels: list[Panel]) -> dict[str, object]:
    return {
        "uid": f"palique-{name}",
        "title": title,
        "tags": ["palique"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]},
        "links": [{"type": "dashboards", "tags": ["palique"], "asDropdown": True, "title": "Palique"}],
        "panels": [_panel(number, panel) for number, panel in enumerate(panels)],
    }  # fmt: skip


def _panel(number: int, panel: Panel) -> dict[str, object]:
    in_a_row = A_ROW // WIDTH
    return {
        "id": number + 1,
        "type": panel.kind,
        "title": panel.title,
        "datasource": DATASOURCE,
        "gridPos": {"x": number % in_a_row * WIDTH, "y": number // in_a_row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": DATASOURCE, "expr": query, "legendFormat": legend}
            for place, (legend, query) in enumerate(panel.queries.items())
        ],
    }
