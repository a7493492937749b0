"""F2: the database's primary is killed; and one that has lost the others without knowing goes on until it is found out."""

import asyncio
from typing import Any

from pymongo import AsyncMongoClient

from tests.faults.bench import BACK_S, Bench, Row
from tests.support.eventually import eventually

KILLS = 2
# What the old primary took alone is little on a slow machine: more than once, so that something is.
SECESSIONS = 2
# Shorter than the two seconds after which a primary without a majority steps down (devstack/mongodb.py): all this while it takes writes.
ALONE_S = 1.5
# Enough for the new primary to take writes that contradict those of the old one.
WITHOUT_S = 6.0


async def run(bench: Bench) -> Row:
    """Sends are delayed and none is lost: what only the old primary had was never acknowledged."""
    async with bench.load() as load:
        await asyncio.sleep(2)
        for _ in range(KILLS):
            await bench.kill(await _primary(bench))
            await _primary(bench)
            await asyncio.sleep(2)
        for _ in range(SECESSIONS):
            await _secede(bench)
            await asyncio.sleep(3)
        return Row(
            cell="F2",
            fault="kill -9 of the primary of three; then a primary that is cut off with what it took, and comes back",
            must_hold="sends delayed, none lost",
            verdict=await load.judge(),
            counts={"kills": KILLS + 2 * SECESSIONS, "fail-overs": KILLS + SECESSIONS},
        )


async def _secede(bench: Bench) -> None:
    """The primary takes writes that no other gets; the others elect one of themselves; then the old one comes back."""
    old = await _primary(bench)
    members = [name for name in bench.processes.running() if name.startswith("mongodb")]
    others = [name for name in members if name != old]
    still = [bench.processes.stand_still(name) for name in others]
    await asyncio.sleep(ALONE_S)
    stopped = bench.processes.stand_still(old)
    # Killed rather than let go on: what the primary sent them meanwhile waits in their sockets.
    for name in others:
        bench.processes.kill(name)
    try:
        for name, pid in zip(others, still, strict=True):
            await bench.is_back(name, pid)
        await asyncio.sleep(WITHOUT_S)
    finally:
        bench.processes.go_on(stopped)


async def _primary(bench: Bench) -> str:
    """The name of the member that takes writes, once there is one."""
    names = sorted(name for name in bench.processes.running() if name.startswith("mongodb"))
    hosts = bench.mongodb_url.removeprefix("mongodb://").partition("/")[0].split(",")

    async def found() -> str:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            bench.mongodb_url, serverSelectionTimeoutMS=500, connectTimeoutMS=500
        )
        async with client:
            try:
                state = await client.admin.command("hello")
            except Exception:  # noqa: BLE001 - whatever it is, there is none yet
                return ""
            return str(state.get("primary", "")) if state.get("isWritablePrimary") else ""

    host = await eventually(found, BACK_S)
    return names[hosts.index(host)] if len(names) == len(hosts) else await _primary(bench)
