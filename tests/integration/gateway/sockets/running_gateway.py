"""A gateway in the event loop of the test, and connections to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry
from websockets.asyncio.client import connect

from services.gateway.accounts.identity import SESSION_COOKIE
from services.gateway.main import Gateway
from tests.integration.gateway.sockets.browser import Browser

SHOP = "http://shop.example"
SITE = "demo"


@dataclass
class RunningGateway:
    """One running gateway."""

    process: Gateway
    address: str
    ops: str
    registry: CollectorRegistry
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def sample(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0

    @property
    def closes(self) -> dict[str, float]:
        """How many connections this gateway closed, by close code."""
        metrics = next(one for one in self.registry.collect() if one.name == "palique_socket_closes")
        return {one.labels["code"]: one.value for one in metrics.samples if one.name.endswith("_total") and one.value}

    async def new_visitor(self, site: str = SITE) -> tuple[str, str]:
        """Token and id."""
        token, identity = await self.process.identities.admit_visitor(site, None)
        return token, identity.id

    @asynccontextmanager
    async def socket(self, kind: str, **options: Any) -> AsyncIterator[Browser]:
        """An open connection that has sent no frame."""
        host = self.address
        origin = options.pop("origin", SHOP if kind == "visitor" else f"http://{host}")
        options.setdefault("subprotocols", ["palique.v1"])
        async with connect(
            f"ws://{host}/ws/{kind}", origin=origin, compression=None, ping_interval=None, **options
        ) as socket:
            browser = Browser(socket)
            try:
                yield browser
            finally:
                await browser.leave()

    @asynccontextmanager
    async def visitor(
        self, token: str, cursors: object = (), page: object = None, **options: object
    ) -> AsyncIterator[Browser]:
        """A visitor after the `welcome`."""
        async with self.socket("visitor", **options) as browser:
            page = page or {"url": f"{SHOP}/", "title": "Home", "referrer": ""}
            await browser.send_frame("hello", token=token, client="test/1", page=page, cursors=cursors)
            await browser.next("welcome")
            yield browser

    @asynccontextmanager
    async def agent(self, cookie: str, cursors: object = (), **options: object) -> AsyncIterator[Browser]:
        """An agent after the `welcome`."""
        headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
        async with self.socket("agent", additional_headers=headers, **options) as browser:
            await browser.send_frame("hello", client="test/1", cursors=cursors)
            await browser.next("welcome")
            yield browser
