"""What an administrator changed of a site, taken to the sockets of every gateway (S-03): visitors of a site that is switched off are
sent away, its agents are told.

Said on the bus at once; and as a net below it, every site that has sockets here is looked at again every few seconds.
"""

import asyncio

from palique.gateway.v1.live_pb2 import SiteChanged

from kit.bus.exchanges import BusDown
from kit.bus.publisher import Publisher
from kit.codes import Close, Refused
from kit.runtime.logs import Log
from services.gateway.accounts.identity import Identities
from services.gateway.accounts.model import Site
from services.gateway.connection.frames import SiteSettingsChanged
from services.gateway.fanout.hub import Hub
from services.gateway.overload.background_tasks import BackgroundTasks

SITE_KEY = "site"
# Ten seconds are promised; looking takes a moment.
LOOK_AGAIN_S = 7.0


class SiteUpdates:
    """Takes changes to the sockets here and tells the other gateways."""

    def __init__(
        self, hub: Hub, publisher: Publisher, identities: Identities, *, tasks: BackgroundTasks, log: Log
    ) -> None:
        self._hub = hub
        self._publisher = publisher
        self._identities = identities
        self._tasks = tasks
        self._log = log
        # The version that agents here heard of last, by site.
        self._told: dict[str, int] = {}

    async def announce(self, site: str) -> None:
        """A site was written. Never raises for an absent broker."""
        await self._look(site)
        try:
            await self._publisher.publish(SiteChanged(site=site).SerializeToString(), SITE_KEY)
        except BusDown:
            self._log.warning("a change waits for the next look at the sites", site=site)

    def heard(self, site: str) -> None:
        """Another gateway said so."""
        if site in self._hub.sites:
            self._tasks.start(self._look(site))

    async def run(self) -> None:
        """Looks at every site again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            for key in list(self._hub.sites):
                await self._look(key)
            self._told = {key: version for key, version in self._told.items() if key in self._hub.sites}

    async def _look(self, key: str) -> None:
        self._identities.forget_site(key)
        try:
            site = await self._identities.site(key)
        except Refused:  # the database is away: nothing is known, so nothing changes
            return
        links = self._hub.sites.get(key)
        if links is None:
            return
        if site is None or not site.enabled:
            for link in list(links.visitor_links()):
                link.close(Close.FORBIDDEN, "Live chat is switched off for this site.")
        if site is not None:
            self._tell(site)

    def _tell(self, site: Site) -> None:
        """Dashboards read the rest over HTTP when the version is not theirs."""
        if self._told.get(site.key) != site.version:
            self._told[site.key] = site.version
            self._hub.to_agents(site.key, SiteSettingsChanged(site.enabled, site.version))
