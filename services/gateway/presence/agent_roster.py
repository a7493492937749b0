"""Which agents are there, for every site that has sockets here: it decides what visitors are told (`online`)."""

from collections.abc import Callable

from palique.presence.v1.live_pb2 import AvailabilityDelta
from palique.presence.v1.presence_pb2 import AgentAvailability, ListAvailabilityRequest

from kit.runtime.logs import Log
from services.gateway.backends import PresencePool
from services.gateway.fanout.gap_detector import GapDetector
from services.gateway.fanout.hub import Hub
from services.gateway.metrics import Metrics
from services.gateway.presence.replicated_list import ReplicatedList
from services.gateway.presence.snapshot_refresh import SnapshotRefresh

KEY = "agents"


class _Site:
    def __init__(self) -> None:
        self.roster: ReplicatedList[AgentAvailability] = ReplicatedList()
        self.reader = GapDetector()
        self.loaded = False


class AgentRoster:
    """`refreshing.run` must be running."""

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
        self._sites: dict[str, _Site] = {}
        self.refreshing = SnapshotRefresh(self._read, sites=lambda: list(self._sites), bus_is_up=bus_is_up, log=log)

    def online(self, site: str) -> bool | None:
        """Whether an agent is there and takes chats; None while it is not known, which asking sets right."""
        held = self._sites.get(site)
        if held is None:
            self._sites[site] = _Site()
            self.refreshing.want(site)
            return None
        if not held.loaded:
            return None
        return any(agent.connected and agent.status == "online" for agent in held.roster.rows.values())

    def take(self, body: bytes) -> None:
        """A delta from the bus."""
        delta = AvailabilityDelta.FromString(body)
        held = self._sites.get(delta.site)
        if held is None:
            return
        for agent in delta.agents:
            held.roster.upsert(agent.agent, agent.rev, agent)
        if held.reader.heard(delta.publisher, delta.number, self._now()):
            self.refreshing.want(delta.site)

    async def _read(self, site: str) -> None:
        if site not in self._hub.sites:
            self._sites.pop(site, None)
            return
        held = self._sites.setdefault(site, _Site())
        request = ListAvailabilityRequest(site=site)
        answer = await self._presence.call(lambda stub: stub.ListAvailability, request, key=site)
        self._metrics.snapshots.labels("agents").inc()
        for agent in answer.agents:
            held.roster.upsert(agent.agent, agent.rev, agent)
        held.loaded = True
