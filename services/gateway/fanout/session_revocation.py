"""Ending what somebody may no longer have (I-21): sockets of a session that was signed out, of an agent whose access was taken.

Said on the bus at once; and as a net below it, the session of every agent's socket is looked up again every few seconds.
"""

import asyncio
from collections.abc import Iterable

from palique.gateway.v1.live_pb2 import Revoked

from kit.bus.exchanges import BusDown
from kit.bus.publisher import Publisher
from kit.codes import Close, Refused
from kit.runtime.logs import Log
from services.gateway.accounts.identity import Identities
from services.gateway.connection.connection import Connection
from services.gateway.fanout.hub import Hub
from services.gateway.overload.background_tasks import BackgroundTasks

REVOKED_KEY = "revoked"
# Ten seconds are promised; looking takes a moment.
LOOK_AGAIN_S = 8.0


class SessionRevocation:
    """Ends sockets here and tells the other gateways."""

    def __init__(
        self, hub: Hub, publisher: Publisher, identities: Identities, *, tasks: BackgroundTasks, log: Log
    ) -> None:
        self._hub = hub
        self._publisher = publisher
        self._identities = identities
        self._tasks = tasks
        self._log = log

    async def announce(self, site: str, agent: str, session: str | None) -> None:
        """Ends the sockets of a session, or of all an agent's sessions, everywhere. Never raises for an absent broker."""
        await self._hub.end_session(site, agent, session)
        revoked = Revoked(site=site, agent=agent, session=session or "")
        try:
            await self._publisher.publish(revoked.SerializeToString(), REVOKED_KEY)
        except BusDown:
            self._log.warning("a revocation waits for the next look at the sessions", site=site)

    def heard(self, site: str, agent: str, session: str | None) -> None:
        """Another gateway said so."""
        self._tasks.start(self._hub.end_session(site, agent, session))

    async def run(self) -> None:
        """Looks at every agent's session again and again, each once for all its sockets, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_S)
            sessions: dict[str, list[Connection]] = {}
            for site in self._hub.sites.values():
                for link in site.agent_links():
                    if link.identity is not None:
                        sessions.setdefault(link.identity.cookie, []).append(link)
            for cookie, links in sessions.items():
                await self._look(cookie, links)

    async def _look(self, cookie: str, links: Iterable[Connection]) -> None:
        try:
            identity = await self._identities.agent(cookie)
        except Refused:  # the database is away: nothing is known, so nothing changes
            return
        for link in links:
            still = identity is not None and link.identity is not None and identity.role == link.identity.role
            if not still and link.transport.is_open:
                link.close(Close.NOT_SIGNED_IN, "The session has ended.")
