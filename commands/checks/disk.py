"""The check of the space on MongoDB's disk, as its primary reports it. On a full disk MongoDB ends, and cannot name the cause any more."""

import asyncio
from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from pymongo.errors import PyMongoError

from commands.checks.failure import CheckFailed
from commands.schemas import selected
from kit.mongo import Document, connect

MIB = 2**20
# With less, MongoDB builds no index (indexBuildMinAvailableDiskSpaceMB), so no upgrade can finish.
LEAST_FREE = 500 * MIB


async def check(url: str, prefix: str, services: Iterable[str]) -> str:
    """The free space. CheckFailed when it is too little. Empty where the user may not ask for it."""
    client = connect(url, app="check", registry=CollectorRegistry())
    try:
        for service in selected(services):
            try:
                stats = await client[f"{prefix}_{service}"].command("dbStats")
            except PyMongoError:
                continue
            if sentence := fault(stats):
                raise CheckFailed(sentence)
            # A database without documents has no figures of its disk.
            if stats.get("fsTotalSize"):
                return f"{_free(stats) // MIB} MiB of disk free"
    finally:
        await asyncio.to_thread(client.close)
    return ""


def fault(stats: Document) -> str | None:
    """What is wrong with the disk, and the fix; None when nothing is or the server does not know."""
    if not stats.get("fsTotalSize") or _free(stats) >= LEAST_FREE:
        return None
    return (
        f"MongoDB's disk has {_free(stats) // MIB} of {int(stats['fsTotalSize']) // MIB} MiB free, and needs {LEAST_FREE // MIB}; "
        "enlarge it, or remove other files from it, before it is full and MongoDB ends"
    )


def _free(stats: Document) -> int:
    return int(stats["fsTotalSize"]) - int(stats["fsUsedSize"])
