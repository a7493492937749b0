"""Refusal summary: a log line a minute with what this gateway refused, by kind. One line, whatever peers send: they cannot fill the log."""

import asyncio
from collections import Counter

from prometheus_client import CollectorRegistry

from kit.codes import Close, Code
from kit.runtime.logs import Log

INTERVAL_S = 60.0
# Refusals by what clients sent. The other codes are faults of the server, or its restarts.
_CODES = frozenset(
    {Code.INVALID, Code.UNKNOWN_TYPE, Code.FORBIDDEN, Code.ORIGIN_REFUSED, Code.TOO_LARGE, Code.TOO_FAST}
)
_CLOSES = frozenset({Close.PROTOCOL_ERROR, Close.FORBIDDEN, Close.TOO_LARGE, Close.TOO_FAST})
_STATUSES = frozenset({"400", "401", "403", "413", "415", "421", "429"})
# Name in the line, label of the kind, and the kinds that are counted, for each sample of the metrics.
_SAMPLES: dict[str, tuple[str, str, frozenset[str]]] = {
    "palique_handshakes_refused_total": ("handshake", "reason", _CODES),
    "palique_socket_closes_total": ("close", "code", frozenset(str(int(close)) for close in _CLOSES)),
    "palique_frames_refused_total": ("frame", "code", _CODES),
    "palique_nacks_total": ("message", "code", _CODES),
    "palique_http_seconds_count": ("http", "status", _STATUSES),
}


class RefusalSummary:
    """`run` must be running."""

    def __init__(self, *, registry: CollectorRegistry, log: Log) -> None:
        self._registry = registry.restricted_registry(_SAMPLES)
        self._log = log
        self._before: Counter[str] = Counter()

    async def run(self) -> None:
        """Writes until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            self.write()

    def write(self) -> None:
        """Logs what was refused since the last call, unless it was nothing."""
        now = self._counts()
        since, self._before = now - self._before, now
        if since:
            self._log.info("refusals counted", **since)

    def _counts(self) -> Counter[str]:
        """By name and kind, such as `close_4429`."""
        found: Counter[str] = Counter()
        for family in self._registry.collect():
            for sample in family.samples:
                name, label, kinds = _SAMPLES[sample.name]
                kind = sample.labels[label]
                if kind in kinds:
                    found[f"{name}_{kind}"] += int(sample.value)
        return found
