"""Part of a running stack taken away for a while: its supervisor is asked to stop it, and to start it again."""

import asyncio
import configparser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from devstack.program import Tier
from devstack.supervisord_calls import call
from tests.support.eventually import eventually

# Longer than any program is given to stop.
DOWN_S = 60.0


@asynccontextmanager
async def without(home: Path, *programs: str, tier: Tier = Tier.SERVICES) -> AsyncIterator[None]:
    """The stack at `home` without these programs (`presence-1`, `rabbitmq`), which are back or on their way at the end."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(home / "run/supervisord.conf")
    control = Path(config["unix_http_server"]["file"].replace("%%", "%"))
    names = [f"{tier.name.lower()}:{program}" for program in programs]
    try:
        # Asked to without waiting: a call that waits may take longer than a call is given.
        for name in names:
            await asyncio.to_thread(call, control, "stopProcess", name, False)
        yield
    finally:
        for name in names:
            await eventually(partial(_is_down, control, name), DOWN_S)
            await asyncio.to_thread(call, control, "startProcess", name, False)


async def _is_down(control: Path, name: str) -> bool:
    found = await asyncio.to_thread(call, control, "getProcessInfo", name)
    return bool(found["pid"] == 0)
