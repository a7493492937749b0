"""Requests that the chats of agents without a connection go back to the queue, at sites with the setting `teams`.

Presence lists an agent as not connected 30 s after their last connection. Every gateway with connections of the site requests it, and chat
decides on the log; so requests may repeat.
"""

import asyncio
from collections.abc import Awaitable, Callable

from palique.chat.v1.routing_pb2 import RequeueOfAgentsRequest
from palique.presence.v1.presence_pb2 import ListAvailabilityRequest

from kit.codes import Refused
from kit.runtime.logs import Log
from services.gateway.accounts.model import Site
from services.gateway.backends import PresencePool, RoutingPool
from services.gateway.fanout.hub import Hub
from services.gateway.presence.agent_roster import AgentRoster

CHECK_INTERVAL_S = 2.0
# Chat returned all chats of the same agents: only a chat that such an agent got by other means is left to find.
REPEAT_S = 30.0
# The limit of RequeueOfAgents.
MAX_AGENTS = 1000


class LostAgents:
    """`run` must be running. `site` returns the settings of a site, None for an unknown one."""

    def __init__(
        self,
        presence: PresencePool,
        routing: RoutingPool,
        *,
        hub: Hub,
        roster: AgentRoster,
        site: Callable[[str], Awaitable[Site | None]],
        log: Log,
        check_interval_s: float = CHECK_INTERVAL_S,
    ) -> None:
        self._presence = presence
        self._routing = routing
        self._hub = hub
        self._roster = roster
        self._site = site
        self._log = log
        self._check_interval_s = check_interval_s
        # By site: the agents without a chat, and when that was last true.
        self._done: dict[str, tuple[frozenset[str], float]] = {}

    async def run(self) -> None:
        """Checks every site with connections here periodically, until cancelled."""
        while True:
            await asyncio.sleep(self._check_interval_s)
            for site_key in list(self._hub.sites):
                try:
                    await self.check(site_key)
                except (Refused, TimeoutError) as error:
                    self._log.warning("lost agents not checked", site=site_key, error=str(error))
            self._done = {key: done for key, done in self._done.items() if key in self._hub.sites}

    async def check(self, site_key: str) -> None:
        """Requests it for all agents of the site that are gone. Raises Refused when presence or chat does not answer."""
        away = self._roster.not_connected(site_key)
        if not away or self._is_done(site_key, away):
            return
        site = await self._site(site_key)
        if site is None or not site.teams:
            return
        # The roster may be behind presence while the bus is away.
        lost = sorted(away & await self._not_connected(site_key))
        left = 0
        for start in range(0, len(lost), MAX_AGENTS):
            request = RequeueOfAgentsRequest(
                site=site_key, agents=lost[start : start + MAX_AGENTS], reason="agent_lost", teams=True
            )
            answer = await self._routing.call(lambda stub: stub.RequeueOfAgents, request, key=site_key)
            left += answer.left
        if not left:
            self._done[site_key] = (away, asyncio.get_running_loop().time())

    def _is_done(self, site_key: str, away: frozenset[str]) -> bool:
        agents, at_s = self._done.get(site_key, (frozenset(), 0.0))
        return agents == away and asyncio.get_running_loop().time() - at_s < REPEAT_S

    async def _not_connected(self, site_key: str) -> frozenset[str]:
        request = ListAvailabilityRequest(site=site_key)
        answer = await self._presence.call(lambda stub: stub.ListAvailability, request, key=site_key)
        return frozenset(row.agent for row in answer.agents if not row.connected)
