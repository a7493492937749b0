"""The life of a service's process: one event loop, stopped by SIGTERM or SIGINT, in order."""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable

import uvloop

from kit.settings import BadSetting


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
