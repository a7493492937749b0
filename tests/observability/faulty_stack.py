"""A stack that can be broken in the ways that alerts are for. One process of each service, and people who talk all the time."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from tests.faults.load import load_on
from tests.stack import NO_ENGINE, Stack
from tests.system.protocol_client import Browser
from tests.system.running import Running

TALKS = 6


class FaultyStack(NamedTuple):
    """Each method is a fault, for as long as its block runs."""

    running: Running

    @asynccontextmanager
    async def broker_stands_still_and_nobody_takes_visitors(self) -> AsyncIterator[None]:
        with _still(int(self.running.described()["rabbitmq"]["pid"])):
            async with _meanwhile(_again_and_again(self._visitor_asks, 1.0)):
                yield

    @asynccontextmanager
    async def gateway_gets_a_fifth_of_its_time(self) -> AsyncIterator[None]:
        async with _meanwhile(_stutter(self.running.pid("gateway"), still_s=1.2, runs_s=0.3)):
            yield

    async def _visitor_asks(self) -> None:
        async with Browser(self.running.public(0)) as browser, browser.as_visitor() as client:
            await client.send("Is anybody there?", None)


@asynccontextmanager
async def faulty_stack(home: Path) -> AsyncIterator[FaultyStack]:
    """Runs while the block does."""
    stack = Stack(home, dict([NO_ENGINE]))
    try:
        await asyncio.to_thread(stack.start)
        running = Running(home)
        async with load_on([running.public(0)], running.mongodb_url, talks=TALKS):
            yield FaultyStack(running)
    finally:
        await asyncio.to_thread(stack.stop)


@contextmanager
def _still(pid: int) -> Iterator[None]:
    """It is there and answers nothing, as behind a black hole."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def _stutter(pid: int, still_s: float, runs_s: float) -> None:
    while True:
        with _still(pid):
            await asyncio.sleep(still_s)
        await asyncio.sleep(runs_s)


async def _again_and_again(act: Callable[[], Awaitable[None]], pause_s: float) -> None:
    while True:
        await act()
        await asyncio.sleep(pause_s)


@asynccontextmanager
async def _meanwhile(doing: Any) -> AsyncIterator[None]:
    """Until the block ends; what it raised before is raised then."""
    task = asyncio.create_task(doing)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
