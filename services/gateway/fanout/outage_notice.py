"""Outage notice: sends agents the names of the services that do not answer, so that a dashboard can say why nothing moves.

Visitors get none: each message of a chat shows by itself how far it got.
"""

import asyncio
from collections.abc import Mapping

from kit.runtime.logs import Log
from kit.runtime.ops import Check, missing
from services.gateway.connection.connection import Connection
from services.gateway.connection.frames import ServicesAway
from services.gateway.connection.peer import AGENT, PeerIdentity
from services.gateway.fanout.hub import Hub

CHECK_INTERVAL_S = 1.0
# Failed checks in a row before a service counts as away: a restart takes about two seconds and is not worth a notice.
FAILED_CHECKS = 3


class OutageNotice:
    """`run` must be running. `checks` are those of the readiness probe; the notice keeps their order."""

    def __init__(self, checks: Mapping[str, Check], *, hub: Hub, log: Log) -> None:
        self._checks = checks
        self._hub = hub
        self._log = log
        self._failed = dict.fromkeys(checks, 0)
        self._away: list[str] = []

    def welcome(self, connection: Connection, identity: PeerIdentity) -> None:
        """Sends the current outages to a new agent connection."""
        if identity.kind == AGENT and self._away:
            connection.send(ServicesAway(self._away))

    async def run(self) -> None:
        """Checks once a second and sends changes, until cancelled."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            self._update(await missing(self._checks))

    def _update(self, failed: list[str]) -> None:
        for service in self._checks:
            self._failed[service] = self._failed[service] + 1 if service in failed else 0
        away = [service for service, count in self._failed.items() if count >= FAILED_CHECKS]
        if away == self._away:
            return
        self._away = away
        self._log.warning("outage notice sent", services=away)
        for site_key in self._hub.sites:
            self._hub.send_to_agents(site_key, ServicesAway(away))
