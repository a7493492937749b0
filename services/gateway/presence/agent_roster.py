"""Availability of the agents of every site that has sockets here. Visitors see it as `online`."""

from collections.abc import Callable

from palique.presence.v1.live_pb2 import AvailabilityDelta
from palique.presence.v1.presence_pb2 import AgentAvailability, ListAvailabilityRequest

from kit.bus.contract import decoded
from kit.runtime.logs import Log
from services.gateway.backends import PresencePool
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.fanout.hub import Hub
from services.gateway.fanout.refresh_loop import POLL_S, RefreshLoop
from services.gateway.metrics import Metrics
from services.gateway.presence.replicated_list import ReplicatedList

KEY = "agents"
# Safety net below the numbered deltas; without the bus, POLL_S.
REFRESH_S = 30.0


class _SiteRoster:
    def __init__(self) -> None:
        self.agents: ReplicatedList[AgentAvailability] = ReplicatedList()
        self.gaps = GapDetector()
        self.loaded = False


class AgentRoster:
    """`refresh.run` must be running."""

    def __init__(
        self,
        presence: PresencePool,
        *,
        hub: Hub,
        bus_is_up: Callable[[], bool],
        now: Callable[[], int],
        log: Log,
        metrics: Metrics,
    ) -> None:
        self._presence = presence
        self._hub = hub
        self._now = now
        self._metrics = metrics
        self._sites: dict[str, _SiteRoster] = {}
        self.refresh = RefreshLoop(
            self._read,
            sites=lambda: list(self._sites),
            interval_s=lambda: REFRESH_S if bus_is_up() else POLL_S,
            log=log,
        )

    def online(self, site_key: str) -> bool | None:
        """Whether an agent is connected and takes chats. None while unknown; the first call for a site requests its list."""
        site = self._sites.get(site_key)
        if site is None:
            self._sites[site_key] = _SiteRoster()
            self.refresh.request(site_key)
            return None
        if not site.loaded:
            return None
        return any(agent.connected and agent.status == "online" for agent in site.agents.rows.values())

    def not_connected(self, site_key: str) -> frozenset[str]:
        """Ids of agents without a connection anywhere; none while the list is unknown."""
        site = self._sites.get(site_key)
        if site is None or not site.loaded:
            return frozenset()
        return frozenset(agent.agent for agent in site.agents.rows.values() if not agent.connected)

    def apply_delta(self, body: bytes) -> None:
        """Applies an AvailabilityDelta from the bus, or raises InvalidMessage."""
        delta = decoded(AvailabilityDelta, body)
        site = self._sites.get(delta.site)
        if site is None:
            return
        for agent in delta.agents:
            site.agents.upsert(agent.agent, agent.rev, agent)
        if site.gaps.observe(delta.publisher, delta.number, self._now()):
            self.refresh.request(delta.site)

    async def _read(self, site_key: str) -> None:
        if site_key not in self._hub.sites:
            self._sites.pop(site_key, None)
            return
        site = self._sites.setdefault(site_key, _SiteRoster())
        request = ListAvailabilityRequest(site=site_key)
        answer = await self._presence.call(lambda stub: stub.ListAvailability, request, key=site_key)
        self._metrics.snapshots.labels("agents").inc()
        for agent in answer.agents:
            site.agents.upsert(agent.agent, agent.rev, agent)
        site.loaded = True
