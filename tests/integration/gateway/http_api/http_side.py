"""The gateway's HTTP routes in the test's event loop, on a real database, called through ASGI."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import structlog
from argon2 import PasswordHasher
from palique.chat.v1.chat_pb2_grpc import ChatServiceStub
from palique.presence.v1.presence_pb2_grpc import PresenceServiceStub
from palique.tickets.v1.mail_pb2_grpc import MailServiceStub
from palique.tickets.v1.tickets_pb2_grpc import TicketsServiceStub
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from kit.ids import new_id
from kit.mongo import Collection, Database, close, connect
from kit.rpc.client import RECONNECT_WITHIN_S, Pool, RpcClients
from kit.vocabulary import AgentRole
from services.gateway.accounts.identity import SESSION_COOKIE, Identities
from services.gateway.accounts.model import Agent, Site
from services.gateway.accounts.origins import PublicOrigins
from services.gateway.accounts.passwords import Passwords
from services.gateway.accounts.photos import Photos
from services.gateway.accounts.store import GatewayStore
from services.gateway.backends import Backends
from services.gateway.client_info.address import Network, networks
from services.gateway.http import HttpRoutes
from tests.integration.gateway.http_api.answers import check_published_answer, no_content
from tests.integration.gateway.http_api.stand_ins import AWAY, Addresses, Bus, Clock, SiteBus

HOST = "desk.example"
ORIGIN = f"https://{HOST}"
SHOP = "https://shop.example"
ANA = "ana@shop.test"
PASSWORD = "correct horse battery staple"
# The gateway's token for the services.
TOKEN = "ours-0123456789"
# Outside the loopback and private ranges, as most visitors are.
ADDRESS = "198.51.100.7"
# Small, so that logs of a few entries have several pages.
LOG_PAGE_SIZE = 2


class HttpSide:
    """The application, with its store and the recorded announcements."""

    def __init__(
        self,
        app: Starlette,
        store: GatewayStore,
        database: Database,
        passwords: Passwords,
        backends: Backends,
        public: PublicOrigins,
    ) -> None:
        self.app = app
        self.backends = backends
        self.public = public
        self.store = store
        self.database = database
        self.passwords = passwords
        self.bus = Bus()
        self.site_bus = SiteBus()
        self.photos = Photos()
        self.clock = Clock()
        self.registry = CollectorRegistry()
        self.identities = Identities(store, clock=self.clock, new_id=new_id, public=public)

    def collection(self, name: str) -> Collection:
        return self.database[name]

    def client(self, address: str = ADDRESS, **headers: str) -> httpx.AsyncClient:
        """A new browser."""
        transport = httpx.ASGITransport(self.app, client=(address, 4711))
        hooks: dict[str, list[Callable[..., object]]] = {"response": [check_published_answer]}
        return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers, event_hooks=hooks)

    async def add_site(self, key: str, **values: Any) -> Site:
        site = Site(key=key, **{"name": f"Site {key}", "enabled": True, "origins": (SHOP,), **values})
        await self.store.put_site(site)
        return site

    async def add_agent(self, site: str, email: str, role: AgentRole = "agent") -> Agent:
        with self.passwords.slot(site) as hashing:
            password_hash = await hashing.hash(PASSWORD)
        agent = Agent(
            id=new_id(),
            site=site,
            email=email,
            name=email.partition("@")[0].title(),
            role=role,
            password_hash=password_hash,
        )
        assert await self.store.add_agent(agent)
        return agent

    @asynccontextmanager
    async def signed_in(self, email: str) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that an agent has signed in with."""
        async with self.client(origin=ORIGIN) as client:
            answer = await client.post("/api/v1/session", json={"email": email, "password": PASSWORD})
            no_content(answer)
            yield client


def quick_hasher() -> PasswordHasher:
    """The product's algorithm with less work."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def backends_at(addresses: Addresses, clients: RpcClients) -> Backends:
    # A service that does not run does not restart either.
    wait_s = 0.0 if addresses == AWAY else RECONNECT_WITHIN_S
    return Backends(
        Pool([addresses.presence], PresenceServiceStub, clients, reconnect_within_s=wait_s),
        Pool([addresses.chat], ChatServiceStub, clients, reconnect_within_s=wait_s),
        Pool([addresses.tickets], TicketsServiceStub, clients, reconnect_within_s=wait_s),
        Pool([addresses.tickets], MailServiceStub, clients, reconnect_within_s=wait_s),
    )


def routes_of(
    side: HttpSide, web_dir: Path, trusted_proxies: Sequence[Network], *, development: bool, cookie_secure: bool
) -> list[BaseRoute]:
    return HttpRoutes(
        store=side.store,
        identities=side.identities,
        passwords=side.passwords,
        backends=side.backends,
        photos=side.photos,
        revocations=side.bus,
        site_changes=side.site_bus,
        trusted_proxies=trusted_proxies,
        public=side.public,
        public_origin=ORIGIN,
        web_dir=web_dir,
        development=development,
        cookie_secure=cookie_secure,
        clock=side.clock,
        log=structlog.stdlib.get_logger("test"),
        registry=side.registry,
        log_page_size=LOG_PAGE_SIZE,
    ).all()


@asynccontextmanager
async def running(
    mongodb_url: str,
    prefix: str,
    web_dir: Path,
    *,
    development: bool = True,
    cookie_secure: bool = True,
    trusted_proxies: tuple[str, ...] = (),
    public_origins: tuple[str, ...] = (),
    addresses: Addresses = AWAY,
    hasher: Callable[[], PasswordHasher] = quick_hasher,
) -> AsyncIterator[HttpSide]:
    """Builds the routes as the gateway's process does."""
    registry = CollectorRegistry()
    mongo = connect(mongodb_url, app="gateway-test", registry=registry)
    database = mongo[f"{prefix}_gateway"]
    store = GatewayStore(database)
    await store.ensure_indexes()
    backends = backends_at(addresses, RpcClients(TOKEN, registry))
    public = PublicOrigins(public_origins)
    side = HttpSide(Starlette(), store, database, Passwords(hasher()), backends, public)
    proxies = networks(trusted_proxies)
    side.app.router.routes += routes_of(side, web_dir, proxies, development=development, cookie_secure=cookie_secure)
    try:
        yield side
    finally:
        side.passwords.close()
        side.photos.close()
        for pool in backends:
            await pool.close()
        close(mongo)


def cookie_of(client: httpx.AsyncClient) -> str:
    value = client.cookies.get(SESSION_COOKIE)
    assert value
    return value


async def sign_in(
    client: httpx.AsyncClient, email: object = ANA, password: object = PASSWORD, **headers: str
) -> httpx.Response:
    return await client.post("/api/v1/session", json={"email": email, "password": password}, headers=headers)
