"""The demo site and its sign-ins with a public password, for development only.

`python -m services.gateway.accounts.demo_data` adds what is missing and changes no existing record. It refuses to run in
production; a production gateway refuses to start while these sign-ins work.
"""

import asyncio
import os
from typing import Literal

import msgspec
from prometheus_client import CollectorRegistry

from kit.config.loader import BadSetting, load
from kit.ids import new_id
from kit.mongo import connect
from kit.runtime.logs import configure
from kit.vocabulary import AgentRole
from services.gateway.accounts.model import Agent, Site
from services.gateway.accounts.origins import LOOPBACK
from services.gateway.accounts.passwords import Passwords, password_hasher
from services.gateway.accounts.store import GatewayStore

DEMO_SITE = Site(key="demo", name="Palique demo shop", enabled=True, origins=(LOOPBACK,))
DEMO_PASSWORD = "palique-demo"  # noqa: S105 - published on purpose
DEMO_AGENTS: tuple[tuple[str, str, AgentRole], ...] = (
    ("admin@palique.test", "Alma Admin", "administrator"),
    ("agent@palique.test", "Berta Agent", "agent"),
    ("agent2@palique.test", "Carlos Agent", "agent"),
)


class SeedSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The gateway's settings that this program reads."""

    mongodb_url: str
    mongodb_prefix: str = "palique"
    mode: Literal["development", "production"] = "production"


async def seed(store: GatewayStore, passwords: Passwords) -> None:
    """Adds the demo site and its agents where they are missing."""
    await store.ensure_indexes()
    if await store.site(DEMO_SITE.key) is None:
        await store.put_site(DEMO_SITE)
        # The demo has pages and agents already.
        await store.first_steps.put_dismissed(DEMO_SITE.key, dismissed=True)
    for email, name, role in DEMO_AGENTS:
        if await store.agent_by_email(email) is None:
            with passwords.slot("demo data") as hashing:
                password_hash = await hashing.hash(DEMO_PASSWORD)
            agent = Agent(
                id=new_id(), site=DEMO_SITE.key, email=email, name=name, role=role, password_hash=password_hash
            )
            await store.add_agent(agent)


async def refuse_demo_sign_ins(store: GatewayStore) -> None:
    """At a start in production: raises BadSetting while one of the demo sign-ins works."""
    if await store.any_enabled(tuple(email for email, _, _ in DEMO_AGENTS)):
        raise BadSetting(
            "the database has the demo sign-ins with a public password; disable them, or set PALIQUE_MODE=development"
        )


async def main() -> None:
    """Seeds the database of the environment's settings."""
    settings = load(SeedSettings, os.environ)
    if settings.mode == "production":
        raise BadSetting("demo sign-ins are for development only; set PALIQUE_MODE=development")
    log = configure("gateway-seed")
    client = connect(settings.mongodb_url, app="gateway-seed", registry=CollectorRegistry())
    passwords = Passwords(password_hasher())
    try:
        await seed(GatewayStore(client[f"{settings.mongodb_prefix}_gateway"]), passwords)
    finally:
        passwords.close()
        client.close()
    log.info("demo data added", site=DEMO_SITE.key)


if __name__ == "__main__":
    asyncio.run(main())
