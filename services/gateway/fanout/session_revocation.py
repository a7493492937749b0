"""Closes the sockets of revoked sessions on every gateway within ten seconds (requirement I-21).

A revocation is published on the bus. As a safety net, each gateway looks up the sessions of its agent sockets every few seconds.
Sockets of visitors are too many for that; without the broker, those on other gateways last until they end by themselves.
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
from services.gateway.connection.peer import VISITOR, PeerIdentity
from services.gateway.fanout.hub import Hub

REVOKED_KEY = "revoked"
FORGOTTEN = "The visitor's token has ended."
# Ten seconds are promised, and a check takes a moment.
CHECK_INTERVAL_S = 8.0
# For a hello whose token was read just before its end. A visitor ends once, and never returns.
MAX_ENDED_VISITORS = 1000


class SessionRevocation:
    """`run` must be running."""

    def __init__(
        self,
        hub: Hub,
        publisher: Publisher,
        identities: Identities,
        *,
        log: Log,
        check_interval_s: float = CHECK_INTERVAL_S,
    ) -> None:
        self._hub = hub
        self._publisher = publisher
        self._identities = identities
        self._log = log
        self._check_interval_s = check_interval_s
        self._ended_visitors: dict[tuple[str, str], None] = {}

    async def announce(self, site_key: str, agent_id: str, session_id: str | None) -> None:
        """Closes the sockets of one session, or of all sessions of the agent, on every gateway. Does not raise without a broker."""
        self.apply(site_key, agent_id, session_id)
        if not await self._publish(Revoked(site=site_key, agent=agent_id, session=session_id or "")):
            self._log.warning("revocation not published; the next session check applies it", site=site_key)

    async def announce_visitor(self, site_key: str, visitor_id: str) -> None:
        """Closes the sockets of a visitor whose token has ended, on every gateway. Does not raise without a broker."""
        self.apply_visitor(site_key, visitor_id)
        if not await self._publish(Revoked(site=site_key, visitor=visitor_id)):
            self._log.warning("revocation of a visitor not published; its other sockets stay", site=site_key)

    async def _publish(self, revoked: Revoked) -> bool:
        """False without a broker."""
        try:
            await self._publisher.publish(revoked.SerializeToString(), REVOKED_KEY)
        except BusDown:
            return False
        return True

    def apply(self, site_key: str, agent_id: str, session_id: str | None) -> None:
        """Closes the agent's sockets on this gateway: of one session (4401, not signed in), or all of them (4403, forbidden)."""
        site = self._hub.sites.get(site_key)
        for connection in list(site.agents.get(agent_id, ())) if site is not None else ():
            if session_id is None:
                connection.close(Close.FORBIDDEN, "Your access has been removed.")
            elif connection.identity is not None and connection.identity.session == session_id:
                connection.close(Close.NOT_SIGNED_IN, "You are signed out.")

    def apply_visitor(self, site_key: str, visitor_id: str) -> None:
        """Closes the visitor's sockets on this gateway (4401, not signed in), and those of a hello that is being answered."""
        self._ended_visitors[site_key, visitor_id] = None
        if len(self._ended_visitors) > MAX_ENDED_VISITORS:
            del self._ended_visitors[next(iter(self._ended_visitors))]
        site = self._hub.sites.get(site_key)
        for connection in list(site.visitors.get(visitor_id, ())) if site is not None else ():
            connection.close(Close.NOT_SIGNED_IN, FORGOTTEN)

    def identified(self, connection: Connection, identity: PeerIdentity) -> None:
        """Closes the socket of a visitor whose token ended after it was read."""
        if identity.kind == VISITOR and (identity.site, identity.id) in self._ended_visitors:
            connection.close(Close.NOT_SIGNED_IN, FORGOTTEN)

    async def run(self) -> None:
        """Checks the session of every agent socket periodically, each session once, until cancelled."""
        while True:
            await asyncio.sleep(self._check_interval_s)
            await self.check()

    async def check(self) -> None:
        """Closes the agent sockets whose session has ended, or whose role has changed."""
        sessions: dict[str, list[Connection]] = {}
        for site in self._hub.sites.values():
            for connection in site.agent_connections():
                if connection.identity is not None:
                    sessions.setdefault(connection.identity.cookie, []).append(connection)
        for cookie, connections in sessions.items():
            await self._check_session(cookie, connections)

    async def _check_session(self, cookie: str, connections: Iterable[Connection]) -> None:
        try:
            identity = await self._identities.agent(cookie)
        except Refused:  # without the database nothing is known, so nothing changes
            return
        for connection in connections:
            known = connection.identity
            is_valid = identity is not None and known is not None and identity.role == known.role
            if not is_valid and connection.transport.is_open:
                connection.close(Close.NOT_SIGNED_IN, "The session has ended.")
