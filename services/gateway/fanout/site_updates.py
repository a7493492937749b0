"""Applies changed site settings to the sockets of every gateway (S-03): a switched-off site closes its visitors' sockets and notifies its agents.

A change is published on the bus. As a safety net, each gateway reads every site that has sockets here every few seconds.
"""

import asyncio

from palique.gateway.v1.live_pb2 import SiteChanged

from kit.bus.exchanges import BusDown
from kit.bus.publisher import Publisher
from kit.codes import Close, Code, Refused
from kit.runtime.logs import Log
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.model import Site
from services.gateway.connection.frames import SiteSettingsChanged
from services.gateway.fanout.hub import Hub
from services.gateway.overload.background_tasks import BackgroundTasks

SITE_KEY = "site"
# Ten seconds are promised, and a check takes a moment.
CHECK_INTERVAL_S = 7.0


class SiteUpdates:
    """`run` must be running."""

    def __init__(
        self,
        hub: Hub,
        publisher: Publisher,
        identities: Identities,
        *,
        tasks: BackgroundTasks,
        log: Log,
        check_interval_s: float = CHECK_INTERVAL_S,
    ) -> None:
        self._hub = hub
        self._publisher = publisher
        self._identities = identities
        self._tasks = tasks
        self._log = log
        self._check_interval_s = check_interval_s
        # The version that was last sent to the agents here, by site key.
        self._sent: dict[str, int] = {}

    async def announce(self, site_key: str) -> None:
        """Applies a written change here and publishes it. Does not raise without a broker."""
        await self._check(site_key)
        try:
            await self._publisher.publish(SiteChanged(site=site_key).SerializeToString(), SITE_KEY)
        except BusDown:
            self._log.warning("site change not published; the next site check applies it", site=site_key)

    def apply(self, site_key: str) -> None:
        """Starts to apply a change that another gateway published."""
        if site_key in self._hub.sites:
            self._tasks.start(self._check(site_key))

    async def run(self) -> None:
        """Checks every site periodically, until cancelled."""
        while True:
            await asyncio.sleep(self._check_interval_s)
            for site_key in list(self._hub.sites):
                await self._check(site_key)
            self._sent = {key: version for key, version in self._sent.items() if key in self._hub.sites}

    async def _check(self, site_key: str) -> None:
        self._identities.forget_site(site_key)
        try:
            site = await self._identities.site(site_key)
        except Refused:  # without the database nothing is known, so nothing changes
            return
        connections = self._hub.sites.get(site_key)
        if connections is None:
            return
        if site is None or not site.enabled:
            for connection in list(connections.visitor_connections()):
                connection.close(Close.FORBIDDEN, Code.SITE_DISABLED)
        if site is not None:
            self._notify_agents(site)

    def _notify_agents(self, site: Site) -> None:
        """Sends a new version; dashboards that have another one read the settings over HTTP."""
        if self._sent.get(site.key) != site.version:
            self._sent[site.key] = site.version
            self._hub.send_to_agents(site.key, SiteSettingsChanged(site.enabled, site.version))
