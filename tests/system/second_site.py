"""A second tenant beside the demo site, to see that sites are separate everywhere."""

from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry

from kit.ids import new_id
from kit.mongo import connect
from services.gateway.accounts.model import Agent, Site
from services.gateway.accounts.store import GatewayStore
from tests.support.running import Running

SITE = "second"
EMAIL = "agent@second.test"
PASSWORD = "another-secret-of-theirs"


async def make_second_site(running: Running) -> None:
    """Idempotent."""
    client = connect(running.mongodb_url, app="tests", registry=CollectorRegistry())
    try:
        store = GatewayStore(client["palique_gateway"])
        await store.put_site(Site(key=SITE, name="Second shop", enabled=True, origins=("loopback",)))
        hashed = PasswordHasher(time_cost=3, memory_cost=64, parallelism=1).hash(PASSWORD)
        await store.add_agent(
            Agent(id=new_id(), site=SITE, email=EMAIL, name="Sasha", role="agent", password_hash=hashed)
        )
    finally:
        client.close()
