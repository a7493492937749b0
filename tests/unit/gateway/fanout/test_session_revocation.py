"""Revocation closes the sockets of a session, or of an agent, and no others (requirement I-21)."""

import pytest
import structlog

from kit.bus.exchanges import PRESENCE
from kit.bus.publisher import Publisher
from services.gateway.accounts.identity import hash_of
from services.gateway.accounts.model import Agent, Session
from services.gateway.fanout.session_revocation import SessionRevocation
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
