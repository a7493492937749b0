"""B4: gateway memory per idle visitor socket, including the application's state; for comparison the same number
of sockets on bare uvicorn.

The figure is the slope between two numbers of sockets, so the memory of a gateway without sockets does not count.
"""

import asyncio
from contextlib import suppress

import uvloop

from bench.accounting import resident_bytes
from bench.peers.starting import Absent, Peer, socketio, starlette
from bench.people import come_as_visitor, directory, gateways_of, side_by_side
from bench.report import Line
from bench.running import stack
from bench.websocket import Socket, connect
from tests.support.json_object import JsonObject

OURS = "Palique"
FIRST, MORE = 500, 5_000
# Until the reports of the arrivals have reached presence and the event loop is idle again.
SETTLE_S = 4.0


async def measure(stack_described: JsonObject) -> float:
    """Bytes per socket."""
    gateway = gateways_of(stack_described)[0]
    pid = stack_described["services"]["gateway"][0]["pid"]
    async with directory(stack_described) as people:
        visitors = await people.visitors(FIRST + MORE)

    async def come(some: slice) -> int:
        sockets.extend(await side_by_side(come_as_visitor(gateway, one, _nothing) for one in visitors[some]))
        await asyncio.sleep(SETTLE_S)
        return resident_bytes(pid)

    sockets: list[Socket] = []
    before = await come(slice(FIRST))
    return (await come(slice(FIRST, None)) - before) / MORE


async def measure_peers() -> dict[str, float]:
    """The same for servers that keep no state per socket."""
    found = {}
    for name, started in (("Starlette", starlette), ("socket.io", socketio)):
        with suppress(Absent):
            async with started() as peer:
                found[name] = await _measure_peer(peer)
    return found


async def _measure_peer(peer: Peer) -> float:
    async def one() -> Socket:
        socket = await connect(peer.address, peer.path, f"Origin: http://{peer.address}\r\n", _nothing)
        if "socket.io" in peer.path:
            socket.send(b"40")
        return socket

    async def come(number: int) -> int:
        sockets.extend(await side_by_side(one() for _ in range(number)))
        await asyncio.sleep(SETTLE_S)
        return resident_bytes(peer.pid)

    sockets: list[Socket] = []
    before = await come(FIRST)
    return (await come(MORE) - before) / MORE


def run() -> dict[str, float]:
    with stack() as running:
        ours = uvloop.run(measure(running.described))
    return {OURS: ours, **uvloop.run(measure_peers())}


def _nothing(_: bytes) -> None:
    pass


def lines(found: dict[str, float]) -> list[Line]:
    ours = found[OURS]
    others = ", ".join(f"{name} {taken / 1000:.1f} KB" for name, taken in found.items() if name != OURS)
    return [
        Line(
            "memory of an idle visitor's socket",
            f"{ours / 1000:.1f} KB",
            "≤ 27 KB",
            ours <= 27_000,
            f"sockets that hold nothing: {others}",
        )
    ]
