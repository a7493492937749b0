"""B3: fan-out of one text to two thousand sockets: the server's CPU time for each delivery.

One by one: the next text is sent when all sockets have the last one. In bursts: the peers get five texts at once. Palique gets a
hundred from twenty tabs of one visitor, each of which sends its next after an acknowledgement: Palique fans out accepted texts
together. Palique's sockets belong to agents that follow one conversation, each with its own cursor. The peers do less: they send
each text to all sockets. Server and client run on one core each.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from statistics import median

import uvloop

from bench.accounting import cpu_s
from bench.peers.starting import PEERS, Absent, Peer
from bench.people import asked, come_as_agent, come_as_visitor, directory, gateways_of, read_log, side_by_side
from bench.report import Line, of_runs
from bench.running import pin, stack
from bench.talks import TEXT
from bench.websocket import Socket, connect
from tests.support.json_object import JsonObject

SIZES = (2_000, 10_000)
OURS = "Palique"
# The gateway's limit of sockets per visitor.
TABS = 20
BURST, OUR_BURST = 5, 100
# Deliveries in one part: enough for the kernel's accounting in ticks of 10 ms, and done within seconds.
ALONE, BURSTS = 20_000, 50_000
PARTS = 2
REACHED_S = 30.0
# The limit of this process's open files, with a reserve.
MOST_SOCKETS = 15_000
SERVER_CORE, CLIENT_CORE = {0}, {1}
# As long as Palique's frame of the same text.
PEER_TEXT = "x" * 330


class Audience:
    """All clients of one server."""

    def __init__(self) -> None:
        self.heard = 0
        self._wanted = 0
        self._reached = asyncio.Event()

    def one_more(self) -> None:
        self.heard += 1
        if self.heard >= self._wanted:
            self._reached.set()

    @property
    def missing(self) -> int:
        """The deliveries of the last text."""
        return self._wanted - self.heard

    async def hears(self, number: int, say: Callable[[], Awaitable[None]]) -> None:
        """Publishes; returns after so many more deliveries."""
        self._wanted = self.heard + number
        self._reached.clear()
        await say()
        async with asyncio.timeout(REACHED_S):
            await self._reached.wait()


class Server:
    """A server with its clients. `say` publishes a text so many times."""

    def __init__(
        self, pid: int, sockets: int, audience: Audience, say: Callable[[int], Awaitable[None]], burst: int = BURST
    ) -> None:
        self.pid = pid
        self.sockets = sockets
        self.audience = audience
        self.say = say
        self.burst = burst

    async def us_a_delivery(self, times: int, deliveries: int) -> float:
        """CPU time of the server in microseconds."""
        rounds = max(1, deliveries // (self.sockets * times))
        before = cpu_s([self.pid])
        for _ in range(rounds):
            await self.audience.hears(self.sockets * times, lambda: self.say(times))
        return 1e6 * (cpu_s([self.pid]) - before) / (rounds * self.sockets * times)


class _Bytes(asyncio.Protocol):
    """Counts messages of one size on a plain TCP connection."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._rest = 0

    def data_received(self, data: bytes) -> None:
        size = len(PEER_TEXT) + 4
        whole, self._rest = divmod(self._rest + len(data), size)
        for _ in range(whole):
            self._audience.one_more()


@asynccontextmanager
async def peer_server(peer: Peer, sockets: int) -> AsyncIterator[Server]:
    """A peer with so many sockets connected."""
    audience = Audience()
    host, _, port = peer.address.partition(":")
    transports: list[asyncio.Transport] = []

    def take(text: bytes) -> None:
        if text.endswith((b"x", b'x"]')):
            audience.one_more()

    async def come() -> None:
        if peer.handshake:
            socket = await connect(peer.address, peer.path, f"Origin: http://{peer.address}\r\n", take)
            if "socket.io" in peer.path:
                socket.send(b"40")
            transports.append(socket.transport)
        else:
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_connection(lambda: _Bytes(audience), host, int(port))
            transports.append(transport)

    await side_by_side(come() for _ in range(sockets))
    await asyncio.sleep(1.0)
    pin([peer.pid], SERVER_CORE)
    try:
        yield Server(peer.pid, sockets, audience, lambda times: peer.publish(PEER_TEXT, times))
    finally:
        for transport in transports:
            transport.abort()


class Speakers:
    """A visitor's tabs. Each sends its next message after an acknowledgement, until enough are sent."""

    def __init__(self, tabs: Sequence[Socket], conversation: str) -> None:
        self._tabs = tabs
        self._conversation = conversation
        self._said = self._left = 0
        for tab in tabs:
            tab.take = partial(self._heard, tab)

    async def say(self, times: int) -> None:
        self._left = times
        for tab in self._tabs:
            self._speak(tab)

    def _heard(self, tab: Socket, text: bytes) -> None:
        if text.startswith(b'{"type":"ack"'):
            self._speak(tab)

    def _speak(self, tab: Socket) -> None:
        if self._left:
            self._said, self._left = self._said + 1, self._left - 1
            said = {"client_id": f"said-{self._said}", "conversation": self._conversation, "text": TEXT}
            tab.send(json.dumps({"type": "send", **said}).encode())


@asynccontextmanager
async def palique_server(stack_described: JsonObject, sockets: int) -> AsyncIterator[Server]:
    """Palique with agents that follow the conversation of one visitor."""
    gateway = gateways_of(stack_described)[0]
    pid = stack_described["services"]["gateway"][0]["pid"]
    audience = Audience()
    async with directory(stack_described) as people:
        visitor = (await people.visitors(1))[0]
        agents = await people.agents(sockets // TABS)
    tabs = [await come_as_visitor(gateway, visitor, _nothing) for _ in range(TABS)]
    first = {"type": "send", "client_id": "open", "conversation": None, "text": TEXT}
    conversation = (await asked(tabs[0], first, lambda heard: heard["type"] == "ack"))["conversation"]

    def take(text: bytes) -> None:
        if text.startswith(b'{"type":"entry"'):
            audience.one_more()

    async def come(position: int) -> Socket:
        socket = await come_as_agent(gateway, agents[position // TABS], _nothing)
        follow = {"type": "follow", "ref": "follow", "conversation": conversation}
        await asked(socket, follow, lambda heard: heard["type"] == "reply" and heard["ok"])
        await read_log(socket, conversation)
        socket.take = take
        return socket

    listeners = await side_by_side(come(position) for position in range(sockets))
    await asyncio.sleep(2.0)
    pin([pid], SERVER_CORE)
    try:
        yield Server(pid, sockets, audience, Speakers(tabs, conversation).say, OUR_BURST)
    finally:
        for socket in (*listeners, *tabs):
            socket.cut()


async def measure(stack_described: JsonObject, sockets: int) -> JsonObject:
    """By name: microseconds per delivery, one by one and in bursts, for each part; or the reason why it was not measured.

    Those that fit into this process side by side take turns, part by part; else one comes when the other has gone.
    """
    os.sched_setaffinity(0, CLIENT_CORE)
    found: JsonObject = {}
    comers = {OURS: lambda: palique_server(stack_described, sockets)}
    comers |= {name: partial(_started, name, sockets) for name in PEERS}
    together = sockets * len(comers) < MOST_SOCKETS
    for some in [list(comers)] if together else [[name] for name in comers]:
        async with AsyncExitStack() as all_there:
            servers: dict[str, Server] = {}
            for name in some:
                try:
                    servers[name] = await all_there.enter_async_context(comers[name]())
                except Absent as absent:
                    found[name] = {"absent": str(absent)}
            await _measure(servers, found)
    return found


async def _measure(servers: dict[str, Server], found: JsonObject) -> None:
    for part in range(PARTS + 1):
        for name, server in list(servers.items()):
            try:
                alone = await server.us_a_delivery(1, ALONE)
                bursts = await server.us_a_delivery(server.burst, BURSTS)
            except TimeoutError:
                missing = server.audience.missing
                found[name] = {"absent": f"{missing:,} deliveries had not come after {REACHED_S:.0f} s"}
                del servers[name]
                continue
            # The first part warms up.
            if part:
                figures = found.setdefault(name, {"alone_us": [], "bursts_us": []})
                figures["alone_us"].append(alone)
                figures["bursts_us"].append(bursts)


@asynccontextmanager
async def _started(name: str, sockets: int) -> AsyncIterator[Server]:
    async with PEERS[name]() as peer, peer_server(peer, sockets) as server:
        yield server


def run() -> JsonObject:
    found = {}
    for sockets in SIZES:
        with stack() as running:
            found[str(sockets)] = uvloop.run(measure(running.described, sockets))
    return found


def _nothing(_: bytes) -> None:
    pass


def lines(found: JsonObject) -> list[Line]:
    told = []
    for sockets, servers in found.items():
        for name, figures in servers.items():
            what = f"{name}, {int(sockets):,} sockets: CPU a delivery"
            if "absent" in figures:
                told.append(Line(what, "absent", beside=figures["absent"]))
                continue
            alone, bursts = figures["alone_us"], figures["bursts_us"]
            ours = name == OURS
            told.append(
                Line(
                    what,
                    f"{of_runs(alone, 1)} µs one by one, {of_runs(bursts, 1)} in bursts of {OUR_BURST if ours else BURST}",
                    "≤ 14 µs one by one, ≤ 1.2 in bursts" if ours else "",
                    median(alone) <= 14 and median(bursts) <= 1.2 if ours else None,
                )
            )
    return told
