"""Revocation closes the sockets of a session, or of an agent, and no others (requirement I-21)."""

import pytest
import structlog
from palique.gateway.v1.live_pb2 import Revoked

from kit.bus.exchanges import PRESENCE
from kit.bus.publisher import Publisher
from services.gateway.accounts.identity import hash_of
from services.gateway.accounts.model import Agent, Session
from services.gateway.connection.peer import PeerIdentity
from services.gateway.fanout.session_revocation import MAX_ENDED_VISITORS, SessionRevocation
from tests.unit.gateway.fanout.accounts_in_memory import Accounts
from tests.unit.gateway.fanout.live_connections import OTHER_SITE, SITE, Connections, Peer

FORBIDDEN, NOT_SIGNED_IN = 4403, 4401
# As long as the secret of a real cookie.
COOKIE, OTHER_COOKIE = "a" * 43, "b" * 43


class World:
    """Ana with two sessions, and others that no revocation of hers may touch. The broker is away."""

    def __init__(self) -> None:
        self.accounts, self.connections = Accounts(), Connections()
        publisher = Publisher(PRESENCE, confirms=False)
        log = structlog.stdlib.get_logger("test")
        self.revocation = SessionRevocation(self.connections.hub, publisher, self.accounts.identities, log=log)
        self.first = self._sign_in("ana", COOKIE)
        self.second = self._sign_in("ana", OTHER_COOKIE)
        self.others = {
            "another agent": self._sign_in("ben", "c" * 43),
            "an agent with this id on another site": self._sign_in("ana", "d" * 43, OTHER_SITE),
            "a visitor": self.connections.visitor("vera"),
        }

    def _sign_in(self, name: str, cookie: str, site_key: str = SITE) -> Peer:
        agent = Agent(id=name, site=site_key, email=name, name=name, role="agent", password_hash="")
        self.accounts.agents[site_key, name] = agent
        session = Session(id=hash_of(cookie), agent_id=name, site_key=site_key, expires_at_ms=1)
        self.accounts.sessions[session.id] = session
        return self.connections.agent(name, site_key, role="agent", session=session.id, cookie=cookie)

    def closed_others(self) -> list[str]:
        return [name for name, peer in self.others.items() if peer.code is not None]


@pytest.fixture
def world() -> World:
    return World()


async def test_a_signed_out_session_loses_its_sockets_only(world: World) -> None:
    await world.revocation.announce(SITE, "ana", hash_of(COOKIE))
    assert (world.first.code, world.second.code) == (NOT_SIGNED_IN, None)
    assert world.closed_others() == []


async def test_a_deactivated_agent_loses_the_sockets_of_all_sessions(world: World) -> None:
    await world.revocation.announce(SITE, "ana", None)
    assert (world.first.code, world.second.code) == (FORBIDDEN, FORBIDDEN)
    assert world.closed_others() == []


async def test_an_ended_visitor_loses_all_sockets_and_no_other_visitor_does(world: World) -> None:
    tabs = [world.connections.visitor("vera"), world.connections.visitor("vera")]
    others = [
        world.connections.visitor("igor"),
        world.connections.visitor("vera", OTHER_SITE),
        world.connections.agent("vera"),
    ]
    await world.revocation.announce_visitor(SITE, "vera")
    assert [peer.code for peer in tabs] == [NOT_SIGNED_IN] * 2
    assert [peer.code for peer in [*others, world.first]] == [None] * 4


async def test_a_visitor_whose_token_ends_during_the_hello_is_closed_after_it(world: World) -> None:
    world.revocation.apply_visitor(SITE, "vera")
    identities = [
        PeerIdentity("visitor", SITE, "vera", "Vera"),
        PeerIdentity("visitor", OTHER_SITE, "vera", "Vera"),
        PeerIdentity("agent", SITE, "vera", "Vera"),
    ]
    codes = []
    for identity in identities:
        connection, peer = world.connections.add(identity)
        world.revocation.identified(connection, identity)
        codes.append(peer.code)
    assert codes == [NOT_SIGNED_IN, None, None]


async def test_a_flood_of_ended_visitors_takes_bounded_memory(world: World) -> None:
    for number in range(MAX_ENDED_VISITORS + 1):
        world.revocation.apply_visitor(SITE, f"{number}")
    codes = []
    for name in ("0", "1", f"{MAX_ENDED_VISITORS}"):
        identity = PeerIdentity("visitor", SITE, name, name)
        connection, peer = world.connections.add(identity)
        world.revocation.identified(connection, identity)
        codes.append(peer.code)
    assert codes == [None, NOT_SIGNED_IN, NOT_SIGNED_IN]


async def test_an_earlier_gateway_closes_nothing_for_an_ended_visitor(world: World) -> None:
    """It reads the message as one without an agent."""
    revoked = Revoked(site=SITE, visitor="vera")
    world.revocation.apply(revoked.site, revoked.agent, revoked.session or None)
    assert (world.first.code, world.second.code, world.closed_others()) == (None, None, [])


async def test_the_check_closes_the_sockets_of_a_session_that_ended_without_notice(world: World) -> None:
    await world.revocation.check()
    assert (world.first.code, world.second.code) == (None, None)
    del world.accounts.sessions[hash_of(COOKIE)]
    await world.revocation.check()
    assert (world.first.code, world.second.code) == (NOT_SIGNED_IN, None)
    assert world.closed_others() == []


async def test_the_check_closes_the_sockets_of_an_agent_whose_role_changed(world: World) -> None:
    agent = world.accounts.agents[SITE, "ana"]
    world.accounts.agents[SITE, "ana"] = Agent(
        id=agent.id, site=SITE, email=agent.email, name=agent.name, role="administrator", password_hash=""
    )
    await world.revocation.check()
    assert (world.first.code, world.second.code) == (NOT_SIGNED_IN, NOT_SIGNED_IN)
    assert world.closed_others() == []


async def test_without_the_database_the_check_closes_nothing(world: World) -> None:
    world.accounts.sessions.clear()
    world.accounts.is_down = True
    await world.revocation.check()
    assert (world.first.code, world.second.code, world.closed_others()) == (None, None, [])
