"""F6: the link of each pair of processes becomes a black hole, one pair after the other: data is lost without an error."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from devstack.folders import Folders
from devstack.ports import Ports
from tests.faults.bench import Bench, Row, bench_in
from tests.faults.checking import Finding
from tests.support.proxy import Proxy

# Longer than the limit of a call, shorter than the keepalive of a connection: both ends of a call occur.
HOLE_S = 6.0
GATEWAYS = ("gateway-1", "gateway-2")
CHATS = ("chat-1", "chat-2")
# (caller, callee) of gRPC calls.
CALLS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    **{name: {"CHAT": CHATS, "PRESENCE": ("presence-1",), "TICKETS": ("tickets-1",)} for name in GATEWAYS},
    "tickets-1": {"CHAT": CHATS, "PRESENCE": ("presence-1",)},
}
ALL = (*GATEWAYS, *CHATS, "presence-1", "tickets-1")
# One pair of each kind; the other gateway and the other chat process continue meanwhile.
CUT = (
    ("gateway-1", "chat-1"),
    ("chat-1", "mongodb"),
    ("chat-2", "rabbitmq"),
    ("gateway-2", "rabbitmq"),
    ("gateway-1", "mongodb"),
    ("gateway-2", "presence-1"),
    ("presence-1", "mongodb"),
    ("presence-1", "rabbitmq"),
    ("tickets-1", "chat-2"),
    ("tickets-1", "mongodb"),
    ("tickets-1", "rabbitmq"),
    ("browser", "gateway-1"),
)


@asynccontextmanager
async def bench_with_links(home: Path, seed: int) -> AsyncIterator[Bench]:
    """A stack with a proxy on each link. One MongoDB member, because members send their own addresses to clients."""
    ports = Ports(Folders(home).state / "ports.json")
    public = ports.port("test-public")
    async with AsyncExitStack() as until_gone:
        links: dict[tuple[str, str], Proxy] = {}

        async def link(who: str, whom: str, port: int) -> str:
            proxy = Proxy("127.0.0.1", port)
            proxy.port = ports.port(f"{who} to {whom}")
            links[who, whom] = await until_gone.enter_async_context(proxy)
            return f"127.0.0.1:{proxy.port}"

        env = {"PALIQUE_MONGODB_MEMBERS": "1", "PALIQUE_PORT": str(public)}
        for name in ALL:
            mongodb = await link(name, "mongodb", ports.port("mongodb"))
            env[_variable(name, "MONGODB_URL")] = f"mongodb://{mongodb}/?directConnection=true"
            rabbitmq = await link(name, "rabbitmq", ports.port("rabbitmq"))
            env[_variable(name, "AMQP_URL")] = f"amqp://guest:guest@{rabbitmq}/"
            for service, called in CALLS.get(name, {}).items():
                addresses = [await link(name, whom, ports.port(f"{whom}-grpc")) for whom in called]
                env[_variable(name, f"{service}_ADDRESSES")] = ",".join(addresses)
        bench = await until_gone.enter_async_context(bench_in(home, seed, env))
        bench.gateways = [
            f"http://{await link('browser', name, int(gateway.rpartition(':')[2]))}"
            for name, gateway in zip(GATEWAYS, bench.gateways, strict=True)
        ]
        bench.links = links
        yield bench


def _variable(process: str, name: str) -> str:
    service, number = process.upper().split("-")
    return f"PALIQUE_STACK_ENV_{service}_{number}_PALIQUE_{name}"


async def run(bench: Bench) -> Row:
    """The ledger has no finding, and messages continue during every black hole."""
    async with bench.load() as load:
        await asyncio.sleep(2)
        held_up = []
        for number, pair in enumerate(CUT):
            before = load.acknowledged
            bench.links[pair].black_hole()
            await asyncio.sleep(HOLE_S)
            if load.acknowledged == before:
                held_up.append(Finding("messages_go_on", f"none was acknowledged while {pair} was cut"))
            if number % 2:
                bench.links[pair].reset()
            bench.links[pair].heal()
            load.check_alive()
        return Row(
            cell="F6",
            fault=f"black hole of {HOLE_S:.0f} s between each kind of pair, ended by a reset or by going on",
            must_hold="ledger clean, messages go on, readers whole in 30 s",
            verdict=await load.judge(),
            counts={"cuts": len(CUT)},
            others=held_up,
        )
