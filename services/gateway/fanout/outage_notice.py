"""What stands behind this gateway and does not answer: agents are told, so that what stands still on their screens says why.

Visitors are not: what they have is the chat, whose messages show by themselves how far they got.
"""

import asyncio
from collections.abc import Mapping

from kit.runtime.logs import Log
from kit.runtime.ops import Check, missing
from services.gateway.connection.connection import AGENT, Connection, PeerIdentity
from services.gateway.connection.frames import ServicesAway
from services.gateway.fanout.hub import Hub

LOOK_EVERY_S = 1.0
# A restart takes about two seconds and is not worth a word; somebody who waits for longer wonders.
LOOKS = 3


class OutageNotice:
    """`run` must be running. `checks` are those of the readiness probe, in the order in which they are told."""

    def __init__(self, checks: Mapping[str, Check], *, hub: Hub, log: Log) -> None:
        self._checks = checks
        self._hub = hub
        self._log = log
        self._missed = dict.fromkeys(checks, 0)
        self._told: list[str] = []

    def welcome(self, link: Connection, who: PeerIdentity) -> None:
        """Tells a new agent what is away now."""
        if who.kind == AGENT and self._told:
            link.send(ServicesAway(self._told))

    async def run(self) -> None:
        """Looks, and tells of changes, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            self._look(await missing(self._checks))

    def _look(self, not_there: list[str]) -> None:
        for name in self._checks:
            self._missed[name] = self._missed[name] + 1 if name in not_there else 0
        away = [name for name, missed in self._missed.items() if missed >= LOOKS]
        if away == self._told:
            return
        self._told = away
        self._log.warning("what agents are told of as away", services=away)
        for site in self._hub.sites:
            self._hub.to_agents(site, ServicesAway(away))
