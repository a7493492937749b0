"""Gateways, chat and presence in the event loop of the test, composed as in production, and clients as raw websockets."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from prometheus_client import CollectorRegistry

from kit.ids import new_id, now_ms
from kit.runtime.logs import Log
from kit.vocabulary import AgentRole
from services.chat.main import Chat
from services.chat.settings import Settings as ChatSettings
from services.gateway.accounts.model import Agent, Site
from services.gateway.connection.peer import VISITOR
from services.gateway.foundation import DEFAULT_TUNING, Tuning
from services.gateway.main import Gateway
from services.gateway.settings import Settings
from services.presence import main as presence_main
from services.presence.app.sweeper import COUNT_EVERY_MS
from services.presence.domain.visitor import LINGER_MS
from services.presence.settings import Settings as PresenceSettings
from tests.integration.gateway.sockets.running_gateway import SHOP, SITE, RunningGateway
from tests.support.claimed_ports import claimed_ports
from tests.support.eventually import eventually
from tests.support.json_object import JsonObject

TOKEN = "ours-0123456789"
# Tests write faster than persons. A test of a limit sets that limit.
QUICK: JsonObject = {
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

    def counts_online(self, visitors: int) -> Callable[[], bool]:
        """True once presence counts so many; the next sweep counts again."""
        self.presence_clock.ahead_ms += COUNT_EVERY_MS
        return lambda: self.registries["presence"].get_sample_value("palique_visitors_online") == visitors

    async def end_visits(self) -> None:
        """Ends the visits of all visitors that have left, without their linger."""
        await eventually(self._left, sentence="presence knows that all visitors have left")
        self.presence_clock.ahead_ms += LINGER_MS

    def _left(self) -> bool:
        """No visitor is connected to the first gateway, and presence has stored all of its reports."""
        process = self.gateway.process
        connected = any(
            link.identity is not None and link.identity.kind == VISITOR for link in process.hub.connections.values()
        )
        return not connected and not len(process.presence_reporter)

    async def add_site(
        self, key: str = SITE, origins: tuple[str, ...] = (SHOP,), *, enabled: bool = True, teams: bool = False
    ) -> None:
        site = Site(key=key, name=key, enabled=enabled, origins=origins, teams=teams)
        await self.gateway.process.store.put_site(site)
        self.gateway.process.identities.forget_site(key)

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


class _Start:
    """Starts the processes of a stack. They stop in the reverse order, each completely before the next."""

    def __init__(
        self,
        group: asyncio.TaskGroup,
        leaving: AsyncExitStack,
        folder: Path,
        failpoints: dict[str, str],
        **shared: object,
    ) -> None:
        self._group = group
        self._leaving = leaving
        self._ports = claimed_ports(folder / f"ports-{new_id()}.json")
        self._failpoints = failpoints
        self._shared: JsonObject = {**shared, "mode": "development"}

    def address(self, name: str) -> str:
        return f"127.0.0.1:{self._ports.port(name)}"

    def _name(self, name: str) -> str:
        """The address by a name, as installations have it: it resolves after the start, and again from time to time."""
        return self.address(name).replace("127.0.0.1", "localhost")

    def _of(self, service: str) -> JsonObject:
        tokens = (f"gateway:*:{TOKEN}",)
        return {**self._shared, "rpc_tokens": tokens, "failpoints": self._failpoints.get(service, "")}

    def presence(self, registry: CollectorRegistry, clock: Clock) -> None:
        stop = asyncio.Event()
        settings = PresenceSettings(
            **self._of("presence"),
            ops_address=self.address("presence-ops"),
            grpc_address=self.address("presence-grpc"),
        )
        self._group.create_task(presence_main.run(settings, stop, log=quiet_log(), registry=registry, now=clock))
        self._leaving.callback(stop.set)

    def chat(self, number: int, registry: CollectorRegistry, visitor_chats: int) -> ChatProcess:
        stop = asyncio.Event()
        settings = ChatSettings(
            **self._of("chat"),
            ops_address=self.address(f"chat-ops-{number}"),
            grpc_address=self.address(f"chat-grpc-{number}"),
            visitor_chats=visitor_chats,
        )
        task = self._group.create_task(Chat(settings, log=quiet_log(), registry=registry).run(stop))
        self._leaving.callback(stop.set)
        return ChatProcess(settings, stop, task)

    def gateway(
        self, number: int, chats: int, clock: Clock, tuning: Tuning = DEFAULT_TUNING, **settings: object
    ) -> RunningGateway:
        registry = CollectorRegistry()
        chosen = Settings(
            **{**self._shared, "failpoints": self._failpoints.get("gateway", ""), **QUICK, **settings},
            rpc_token=TOKEN,
            presence_addresses=(self._name("presence-grpc"),),
            chat_addresses=tuple(self._name(f"chat-grpc-{each}") for each in range(chats)),
            tickets_addresses=(self._name("tickets-grpc"),),
            ops_address=self.address(f"gateway-ops-{number}"),
            public_address=self.address(f"gateway-{number}"),
        )
        process = Gateway(chosen, log=quiet_log(), registry=registry, now=clock, tuning=tuning)
        gateway = RunningGateway(process, chosen.public_address, chosen.ops_address, registry)
        running = self._group.create_task(process.run(gateway.stopping))
        # Stopped first and completely, as in production: a gateway still reports to the other services.
        self._leaving.push_async_callback(asyncio.wait, [running])
        self._leaving.callback(gateway.stopping.set)
        return gateway


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
    registries = {"presence": CollectorRegistry(), "chat": CollectorRegistry()}
    shared = {"mongodb_url": mongodb_url, "amqp_url": amqp_url, "mongodb_prefix": prefix}
    settings = {"amqp_url": gateway_amqp_url or amqp_url, **settings}
    clock, gateway_clock = Clock(), Clock()
    async with asyncio.TaskGroup() as group, AsyncExitStack() as leaving:
        start = _Start(group, leaving, folder, failpoints or {}, **shared)
        start.presence(registries["presence"], clock)
        chat_registries = (registries["chat"], *(CollectorRegistry() for _ in range(1, chats)))
        chat_processes = [start.chat(number, chat_registries[number], visitor_chats) for number in range(chats)]
        started = [start.gateway(number, chats, gateway_clock, **settings) for number in range(gateways)]
        for gateway in started:
            await eventually(gateway.process.chat.ready)
            await eventually(gateway.process.presence.ready)
            await eventually(gateway.process.bus_is_connected)
            await eventually(partial(listens, gateway.address))
        found = Stack(started, chat_processes, registries, clock, gateway_clock)
        await found.add_site()
        yield found
