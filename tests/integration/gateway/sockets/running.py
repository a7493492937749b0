"""Gateways, chat and presence in the event loop of the test, composed as in production, and clients as raw websockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import structlog
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from kit.ids import new_id, now_ms
from kit.runtime.logs import Log
from kit.vocabulary import AgentRole
from services.chat.main import Chat
from services.chat.settings import Settings as ChatSettings
from services.gateway.accounts.identity import SESSION_COOKIE
from services.gateway.accounts.model import Agent, Site
from services.gateway.main import Gateway
from services.gateway.settings import Settings
from services.presence import main as presence_main
from services.presence.settings import Settings as PresenceSettings
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import PATIENCE_S, eventually

TOKEN = "ours-0123456789"
SHOP = "http://shop.example"
SITE = "demo"
# Tests write faster than persons. A test of a limit sets that limit.
QUICK: dict[str, Any] = {
    "drain_ms": 200,
    "address_connections": 10_000,
    "address_sockets": 10_000,
    "address_message_rate": 10_000.0,
    "address_message_burst": 10_000.0,
    "address_chat_rate": 10_000.0,
    "address_chat_burst": 10_000.0,
    "message_rate": 10_000.0,
    "message_burst": 10_000.0,
    "frame_rate": 10_000.0,
    "frame_burst": 10_000.0,
}


def quiet_log() -> Log:
    logger: Log = structlog.stdlib.get_logger("test")
    return logger


class Browser:
    """One websocket client, with every frame that it received."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None
        self._reading = asyncio.create_task(self._read())
        self._seen = 0

    async def send_frame(self, type_: str, **fields: Any) -> None:
        await self.socket.send(msgspec.json.encode({"type": type_, **fields}).decode())

    async def raw(self, data: str | bytes) -> None:
        await self.socket.send(data)

    async def next(
        self, type_: str, where: Callable[[dict[str, Any]], bool] = lambda _: True, seconds: float = PATIENCE_S
    ) -> dict[str, Any]:
        """The first such frame after the one returned last; skips the frames between."""

        def found() -> dict[str, Any] | None:
            for position, frame in enumerate(self.frames[self._seen :], self._seen):
                if frame["type"] == type_ and where(frame):
                    self._seen = position + 1
                    return frame
            return None

        try:
            frame = await eventually(found, seconds, sentence=f"a frame {type_}")
        except AssertionError as error:
            error.add_note("the last frames:\n" + "\n".join(map(str, self.frames[-8:])) + f"\nclose code: {self.code}")
            raise
        assert frame is not None
        return frame

    def all(self, type_: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == type_]

    async def entry(self, **fields: Any) -> dict[str, Any]:
        return await self.next("entry", lambda frame: fields.items() <= frame.items())

    async def send(self, text: str, conversation: str | None = None, client_id: str | None = None) -> dict[str, Any]:
        """Sends a message and returns its acknowledgement."""
        client_id = client_id or new_id()
        await self.send_frame("send", client_id=client_id, conversation=conversation, text=text)
        return await self.next("ack", lambda frame: frame["client_id"] == client_id)

    async def closed(self) -> int:
        """Waits for the close and returns its code."""
        await eventually(lambda: self.code is not None)
        assert self.code is not None
        return self.code

    async def leave(self) -> None:
        await self.socket.close()
        await self._reading

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                self.frames.append(msgspec.json.decode(message))
        except ConnectionClosed:
            pass
        self.code = self.socket.close_code


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
    async def visitor(self, token: str, cursors: Any = (), page: Any = None, **options: Any) -> AsyncIterator[Browser]:
        """A visitor after the `welcome`."""
        async with self.socket("visitor", **options) as browser:
            page = page or {"url": f"{SHOP}/", "title": "Home", "referrer": ""}
            await browser.send_frame("hello", token=token, client="test/1", page=page, cursors=cursors)
            await browser.next("welcome")
            yield browser

    @asynccontextmanager
    async def agent(self, cookie: str, cursors: Any = (), **options: Any) -> AsyncIterator[Browser]:
        """An agent after the `welcome`."""
        headers = {"Cookie": f"{SESSION_COOKIE}={cookie}"}
        async with self.socket("agent", additional_headers=headers, **options) as browser:
            await browser.send_frame("hello", client="test/1", cursors=cursors)
            await browser.next("welcome")
            yield browser


@dataclass
class Clock:
    """The clock of a service, which a test can advance."""

    ahead_ms: int = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead_ms


@dataclass
class Stack:
    """All services of one test."""

    gateways: list[RunningGateway]
    chats: list["ChatProcess"]
    registries: dict[str, CollectorRegistry]
    presence_clock: "Clock"
    gateway_clock: "Clock"
    agents: dict[str, Agent] = field(default_factory=dict)

    @property
    def gateway(self) -> RunningGateway:
        return self.gateways[0]

    async def add_site(self, key: str = SITE, origins: tuple[str, ...] = (SHOP,), *, enabled: bool = True) -> None:
        await self.gateway.process.store.put_site(Site(key=key, name=key, enabled=enabled, origins=origins))

    async def sign_in(self, name: str, role: AgentRole = "agent", site: str = SITE) -> str:
        """The cookie of a new session; adds the agent first if necessary."""
        agent = self.agents.get(name)
        if agent is None:
            email = f"{name.lower()}-{site}@palique.test"
            agent = Agent(id=new_id(), site=site, email=email, name=name, role=role, password_hash="")
            self.agents[name] = agent
            await self.gateway.process.store.add_agent(agent)
        return (await self.gateway.process.identities.sign_in(agent))[0]


class ChatProcess(NamedTuple):
    """One chat process in the event loop of the test."""

    settings: ChatSettings
    stopping: asyncio.Event
    running: asyncio.Task[None]

    async def stop(self) -> None:
        """Returns after the last call and the last write."""
        self.stopping.set()
        await asyncio.wait([self.running])


async def listens(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def running_stack(
    mongodb_url: str,
    amqp_url: str,
    prefix: str,
    folder: Path,
    *,
    gateways: int = 1,
    chats: int = 1,
    gateway_amqp_url: str | None = None,
    failpoints: dict[str, str] | None = None,
    visitor_chats: int = 10_000,
    **settings: Any,
) -> AsyncIterator[Stack]:
    """Starts the services and stops them in order. `failpoints` by service."""
    failing = failpoints or {}
    registries = {"presence": CollectorRegistry(), "chat": CollectorRegistry()}
    ports = claimed_ports(folder / f"ports-{new_id()}.json")

    def address(name: str) -> str:
        return f"127.0.0.1:{ports.port(name)}"

    shared: dict[str, Any] = {
        "mongodb_url": mongodb_url,
        "amqp_url": amqp_url,
        "mongodb_prefix": prefix,
        "mode": "development",
    }
    tokens = (f"gateway:*:{TOKEN}",)
    started: list[RunningGateway] = []
    chat_processes: list[ChatProcess] = []
    async with asyncio.TaskGroup() as group, AsyncExitStack() as leaving:
        presence_stop = asyncio.Event()
        presence = PresenceSettings(
            **shared,
            rpc_tokens=tokens,
            ops_address=address("presence-ops"),
            grpc_address=address("presence-grpc"),
            failpoints=failing.get("presence", ""),
        )
        clock, gateway_clock = Clock(), Clock()
        group.create_task(
            presence_main.run(presence, presence_stop, log=quiet_log(), registry=registries["presence"], now=clock)
        )
        leaving.callback(presence_stop.set)
        for number in range(chats):
            stop = asyncio.Event()
            chat = ChatSettings(
                **shared,
                rpc_tokens=tokens,
                ops_address=address(f"chat-ops-{number}"),
                grpc_address=address(f"chat-grpc-{number}"),
                failpoints=failing.get("chat", ""),
                visitor_chats=visitor_chats,
            )
            registry = registries["chat"] if number == 0 else CollectorRegistry()
            task = group.create_task(Chat(chat, log=quiet_log(), registry=registry).run(stop))
            chat_processes.append(ChatProcess(chat, stop, task))
            leaving.callback(stop.set)
        for number in range(gateways):
            registry = CollectorRegistry()
            chosen = Settings(
                **(shared | {"amqp_url": gateway_amqp_url or amqp_url}),
                rpc_token=TOKEN,
                presence_addresses=(presence.grpc_address,),
                chat_addresses=tuple(address(f"chat-grpc-{each}") for each in range(chats)),
                tickets_addresses=(address("tickets-grpc"),),
                ops_address=address(f"gateway-ops-{number}"),
                public_address=address(f"gateway-{number}"),
                failpoints=failing.get("gateway", ""),
                **(QUICK | settings),
            )
            gateway = RunningGateway(
                Gateway(chosen, log=quiet_log(), registry=registry, now=gateway_clock),
                chosen.public_address,
                chosen.ops_address,
                registry,
            )
            running = group.create_task(gateway.process.run(gateway.stopping))
            # Stopped first and completely, as in production: a gateway still reports to the other services.
            leaving.push_async_callback(asyncio.wait, [running])
            leaving.callback(gateway.stopping.set)
            started.append(gateway)
        for gateway in started:
            await eventually(gateway.process.chat.ready)
            await eventually(gateway.process.presence.ready)
            await eventually(gateway.process.bus_is_connected)
            await eventually(partial(listens, gateway.address))
        found = Stack(started, chat_processes, registries, clock, gateway_clock)
        await found.add_site()
        yield found
