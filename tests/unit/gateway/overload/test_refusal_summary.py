"""The summary of refusals: one line for any number of them, with their kinds and no more."""

import structlog
from prometheus_client import CollectorRegistry, Histogram
from structlog.testing import capture_logs

from kit.codes import Close, Code
from services.gateway.metrics import Metrics
from services.gateway.overload.refusal_summary import RefusalSummary


def test_one_line_has_all_refusals_since_the_last_one() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    seconds = Histogram("palique_http_seconds", "Time.", ["method", "route", "status"], registry=registry)
    summary = RefusalSummary(registry=registry, log=structlog.stdlib.get_logger("test"))
    with capture_logs() as lines:
        summary.write()
        for _ in range(5_000):
            metrics.closes.labels(int(Close.TOO_FAST)).inc()
        metrics.closes.labels(int(Close.RESTART)).inc()
        metrics.refused.labels("visitor", Code.ORIGIN_REFUSED).inc()
        metrics.refused.labels("agent", Code.ORIGIN_REFUSED).inc()
        metrics.frames_refused.labels(Code.INVALID).inc()
        metrics.nacks.labels(Code.TOO_FAST).inc()
        metrics.nacks.labels(Code.UNAVAILABLE).inc()
        for route, status in (("/api/v1/session", "429"), ("/api/v1/me", "429"), ("/api/v1/me", "200")):
            seconds.labels("POST", route, status).observe(0.1)
        summary.write()
        summary.write()
        metrics.closes.labels(int(Close.TOO_LARGE)).inc()
        summary.write()
    event = {"event": "refusals counted", "log_level": "info"}
    assert lines == [
        event
        | {
            "close_4429": 5_000,
            "handshake_origin_refused": 2,
            "frame_invalid": 1,
            "message_too_fast": 1,
            "http_429": 2,
        },
        event | {"close_4413": 1},
    ]
