"""Another tenant beside the demo site, with one agent."""

from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry

from kit.ids import new_id
from kit.mongo import connect
from kit.vocabulary import AgentRole
from services.gateway.accounts.model import Agent, Site
from services.gateway.accounts.store import GatewayStore
from tests.support.running import Running


async def make_extra_site(
    running: Running, site: Site, *, email: str, name: str, role: AgentRole, password: str
) -> None:
    """Idempotent."""
    client = connect(running.mongodb_url, app="tests", registry=CollectorRegistry())
    try:
        store = GatewayStore(client["palique_gateway"])
        await store.put_site(site)
        hashed = PasswordHasher(time_cost=3, memory_cost=64, parallelism=1).hash(password)
        await store.add_agent(
            Agent(id=new_id(), site=site.key, email=email, name=name, role=role, password_hash=hashed)
        )
    finally:
        client.close()
