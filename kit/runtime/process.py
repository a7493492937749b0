"""The life of a service's process: one event loop, stopped by SIGTERM or SIGINT, in order."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import uvloop
from prometheus_client import CollectorRegistry

from kit.config.common import ServiceSettings
from kit.config.loader import BadSetting, load
from kit.runtime.logs import Log, configure
from kit.runtime.process_metrics import process_registry
from kit.runtime.traces import NO_TRACES, Traces

Settings = TypeVar("Settings", bound=ServiceSettings)

# For the follow-up work of answered calls at a stop. Other replicas repeat what is left, only later.
FINISH_S = 3.0


def run(serve: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Runs `serve` until it returns; a signal sets the event that it gets, a second signal changes nothing.

    A bad setting ends the process with a sentence instead of a traceback, also when a group of tasks has found it.
    """
    try:
        uvloop.run(_until_signal(serve))
    except BadSetting as bad:
        sys.exit(str(bad))
    except ExceptionGroup as group:
        bad_settings, others = group.split(BadSetting)
        if bad_settings is None or others is not None:
            raise
        sys.exit(str(_first(bad_settings)))


def _first(error: Exception) -> Exception:
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


async def _until_signal(serve: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(stopping)


@asynccontextmanager
async def set_up(
    service: str, settings_type: type[Settings]
) -> AsyncIterator[tuple[Settings, Log, CollectorRegistry, Traces]]:
    """Settings, log, registry and traces of a process, built from its environment; exports the last traces at exit. BadSetting names the setting."""
    settings = load(settings_type, os.environ)
    log = configure(service, settings.log_level)
    traces = _traces(settings, service)
    try:
        yield settings, log, process_registry(service), traces
    finally:
        await asyncio.to_thread(traces.close)


def _traces(settings: ServiceSettings, service: str) -> Traces:
    if not settings.traces_url:
        return NO_TRACES
    # Imported only where traces are on, as `exported_traces` explains.
    from kit.runtime.exported_traces import traces_to  # noqa: PLC0415

    return traces_to(settings.traces_url, settings.traces_share, service=service)


async def finish(*steps: Callable[[], Awaitable[None]], log: Log) -> None:
    """Runs the last steps of a stopping process one after the other, FINISH_S at most in all."""
    try:
        async with asyncio.timeout(FINISH_S):
            for step in steps:
                await step()
    except Exception as error:  # noqa: BLE001 - the process ends either way, without loss
        log.info("shutdown steps incomplete", error=repr(error))
