"""The gateway's HTTP side in the test's own loop, on a real database, called through ASGI."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import structlog
from argon2 import PasswordHasher
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from kit.ids import new_id, now_ms
from kit.mongo import Collection, Database, connect
from kit.rpc.client import Pool, RpcClients
from kit.vocabulary import AgentRole
from services.gateway.accounts.identity import SESSION_COOKIE, Identities
from services.gateway.accounts.model import Agent, Site
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.photos import Photos
from services.gateway.accounts.store import GatewayStore
from services.gateway.backends import Backends
from services.gateway.client_info.address import networks
from services.gateway.http import routes

HOST = "desk.example"
ORIGIN = f"https://{HOST}"
SHOP = "https://shop.example"
ANA = "ana@shop.test"
PASSWORD = "correct horse battery staple"
# The gateway's with the services behind it.
TOKEN = "ours-0123456789"
# Out of the loopback and private ranges, as most visitors are.
ADDRESS = "198.51.100.7"
# Small, so that logs of a few entries have several pages.
LOG_PAGE_SIZE = 2


class Announced(NamedTuple):
    site: str
    agent: str
    session: str | None


class Bus:
    """Where ended sessions are announced: kept here, to be asked what was said."""

    def __init__(self) -> None:
        self.announced: list[Announced] = []

    async def announce(self, site: str, agent: str, session: str | None) -> None:
        self.announced.append(Announced(site, agent, session))


class SiteBus:
    """The same for sites that were written."""

    def __init__(self) -> None:
        self.announced: list[str] = []

    async def announce(self, site: str) -> None:
        self.announced.append(site)


class Clock:
    """Real time, and what the test adds to it; stopped, it does not care how slow the machine is."""

    def __init__(self) -> None:
        self.ahead_ms = 0
        self._stopped_at: int | None = None

    def __call__(self) -> int:
        return (self._stopped_at or now_ms()) + self.ahead_ms

    def stop(self) -> None:
        self._stopped_at = now_ms()


class Addresses(NamedTuple):
    """Where the services are. By default nobody listens there."""

    presence: str = "127.0.0.1:1"
    chat: str = "127.0.0.1:1"
    tickets: str = "127.0.0.1:1"


AWAY = Addresses()


class HttpSide:
    """The application, and what stands behind it."""

    def __init__(
        self, app: Starlette, store: GatewayStore, database: Database, passwords: Passwords, backends: Backends
    ) -> None:
        self.app = app
        self.backends = backends
        self.store = store
        self.database = database
        self.passwords = passwords
        self.bus = Bus()
        self.site_bus = SiteBus()
        self.photos = Photos()
        self.clock = Clock()
        self.registry = CollectorRegistry()
        self.identities = Identities(store, clock=self.clock, new_id=new_id)

    def collection(self, name: str) -> Collection:
        return self.database[name]

    def client(self, address: str = ADDRESS, **headers: str) -> httpx.AsyncClient:
        """A browser of its own."""
        transport = httpx.ASGITransport(self.app, client=(address, 4711))
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers)

    async def add_site(self, key: str, **values: Any) -> Site:
        site = Site(key=key, **{"name": f"Site {key}", "enabled": True, "origins": (SHOP,), **values})
        await self.store.put_site(site)
        return site

    async def add_agent(self, site: str, email: str, role: AgentRole = "agent") -> Agent:
        agent = Agent(
            id=new_id(),
            site=site,
            email=email,
            name=email.partition("@")[0].title(),
            role=role,
            password_hash=await self.passwords.hash(PASSWORD),
        )
        assert await self.store.add_agent(agent)
        return agent

    @asynccontextmanager
    async def signed_in(self, email: str) -> AsyncIterator[httpx.AsyncClient]:
        """The dashboard of an agent."""
        async with self.client(origin=ORIGIN) as client:
            answer = await client.post("/api/v1/session", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 204, answer.text
            yield client


def quick_hasher() -> PasswordHasher:
    """The same algorithm with less work, for tests that are not about it."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@asynccontextmanager
async def running(
    mongodb_url: str,
    prefix: str,
    web_dir: Path,
    *,
    development: bool = True,
    cookie_secure: bool = True,
    trusted_proxies: tuple[str, ...] = (),
    addresses: Addresses = AWAY,
    hasher: Callable[[], PasswordHasher] = quick_hasher,
) -> AsyncIterator[HttpSide]:
    """Built as the gateway's process builds it."""
    registry = CollectorRegistry()
    mongo = connect(mongodb_url, app="gateway-test", registry=registry)
    database = mongo[f"{prefix}_gateway"]
    store = GatewayStore(database)
    await store.ensure_indexes()
    clients = RpcClients(TOKEN, registry)
    backends = Backends(
        Pool([addresses.presence], PresenceServiceStub, clients),
        Pool([addresses.chat], ChatServiceStub, clients),
        Pool([addresses.tickets], TicketsServiceStub, clients),
    )
    app = Starlette()
    side = HttpSide(app, store, database, Passwords(hasher()), backends)
    app.router.routes += routes(
        store=store,
        identities=side.identities,
        passwords=side.passwords,
        backends=backends,
        photos=side.photos,
        revocations=side.bus,
        site_changes=side.site_bus,
        trusted_proxies=networks(trusted_proxies),
        web_dir=web_dir,
        development=development,
        cookie_secure=cookie_secure,
        clock=side.clock,
        log=structlog.stdlib.get_logger("test"),
        registry=side.registry,
        log_page_size=LOG_PAGE_SIZE,
    )
    try:
        yield side
    finally:
        side.passwords.close()
        side.photos.close()
        for pool in backends:
            await pool.close()
        mongo.close()


def cookie_of(client: httpx.AsyncClient) -> str:
    value = client.cookies.get(SESSION_COOKIE)
    assert value
    return value


async def sign_in(
    client: httpx.AsyncClient, email: Any = ANA, password: Any = PASSWORD, **headers: str
) -> httpx.Response:
    return await client.post("/api/v1/session", json={"email": email, "password": password}, headers=headers)


def problem(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return answer.status_code, body["code"]


async def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()
