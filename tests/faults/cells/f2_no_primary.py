"""F2: the database's primary is killed; a primary that is cut off from its majority continues until it steps down."""

import asyncio

from pymongo import AsyncMongoClient

from kit.mongo import Document
from tests.faults.bench import BACK_S, Bench, Row
from tests.support.eventually import eventually

KILLS = 2
# On a slow machine the old primary accepts few writes alone; several rounds, so that there are some.
SECESSIONS = 2
# Shorter than the two seconds after which a primary without a majority steps down (devstack/mongodb.py): it accepts writes meanwhile.
ALONE_S = 1.5
# Enough for the new primary to accept writes that conflict with those of the old one.
WITHOUT_S = 6.0


async def run(bench: Bench) -> Row:
    """Messages are delayed and none is lost: a message that only the old primary has was never acknowledged."""
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
    """The primary accepts writes that are not replicated, the others elect a new primary, and the old one returns."""
    old = await _primary(bench)
    members = [name for name in bench.processes.running() if name.startswith("mongodb")]
    others = [name for name in members if name != old]
    still = [bench.processes.pause(name) for name in others]
    await asyncio.sleep(ALONE_S)
    stopped = bench.processes.pause(old)
    # Killed instead of continued: the primary's writes wait in their socket buffers.
    for name in others:
        bench.processes.kill(name)
    try:
        for name, pid in zip(others, still, strict=True):
            await bench.is_back(name, pid)
        await asyncio.sleep(WITHOUT_S)
    finally:
        bench.processes.go_on(stopped)


async def _primary(bench: Bench) -> str:
    """Waits for a primary and returns the name of its member."""
    names = sorted(name for name in bench.processes.running() if name.startswith("mongodb"))
    hosts = bench.mongodb_url.removeprefix("mongodb://").partition("/")[0].split(",")

    async def found() -> str:
        client: AsyncMongoClient[Document] = AsyncMongoClient(
            bench.mongodb_url, serverSelectionTimeoutMS=500, connectTimeoutMS=500
        )
        async with client:
            try:
                state = await client.admin.command("hello")
            except Exception:  # noqa: BLE001 - any failure means that there is none yet
                return ""
            return str(state.get("primary", "")) if state.get("isWritablePrimary") else ""

    host = await eventually(found, BACK_S)
    return names[hosts.index(host)] if len(names) == len(hosts) else await _primary(bench)
