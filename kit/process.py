"""The life of a service's process: one event loop, stopped by SIGTERM or SIGINT, in order."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

import uvloop

from kit.logs import Log
from kit.settings import BadSetting

# At a stop, for what follows from calls that were answered: whoever takes over finds it by itself, only later.
FINISH_S = 3.0


def run(serve: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Runs `serve` until it returns; a signal sets the event that it was given, a second one changes nothing.

    A bad setting ends the process with a sentence instead of a traceback.
    """
    try:
        uvloop.run(_until_signal(serve))
    except BadSetting as bad:
        sys.exit(str(bad))


async def _until_signal(serve: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(stopping)


async def finish(*steps: Callable[[], Awaitable[None]], log: Log) -> None:
    """The last steps of a process that was told to stop, one after the other; what they do not do in time is left."""
    try:
        async with asyncio.timeout(FINISH_S):
            for step in steps:
                await step()
    except Exception as error:  # noqa: BLE001 - the process ends either way, and nothing is lost by it
        log.info("not all could be finished", error=repr(error))
