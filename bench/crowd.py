"""Simulated visitors in a separate process, controlled by orders: connect, change pages. One process holds ten thousand of them.

`python -m bench.crowd GATEWAY SECRETS` reads orders as JSON lines, `{"come": N}`, `{"turn": [RATE, SECONDS]}` or `{"cut": PATIENCE}`, and answers each
when it is done. A page title holds the time of the change, by the monotonic clock that all processes of a machine share.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import uvloop

from bench.people import Person, come_as_visitor, side_by_side
from bench.websocket import Refused, Socket
from devstack.folders import ROOT
from tests.support.json_object import JsonObject

# As in the widget: a random wait of 0 … 0.5 s · 2ⁿ, at most 30 s; a connection without `welcome` is closed after DIAL_S.
FIRST_WAIT_S, LONGEST_WAIT_S, DIAL_S = 0.5, 30.0, 10.0
# The ping interval of the protocol, and the step in which pings are spread over it.
PING_S, STEP_S = 20.0, 0.05
TITLE = "turned at "
LINE_BYTES = 1024 * 1024


class Crowd:
    """All visitors of this process."""

    def __init__(self, gateway: str, people: Sequence[Person]) -> None:
        self._gateway = gateway
        self._people = list(people)
        self._here: list[Person] = []
        self._sockets: list[Socket] = []
        self._turn = self._pinging = 0

    async def come(self, number: int) -> int:
        """Connects so many more."""
        coming, self._people = self._people[:number], self._people[number:]
        self._sockets += await side_by_side(come_as_visitor(self._gateway, one, _nothing) for one in coming)
        self._here += coming
        return len(coming)

    async def cut(self, patience_s: float) -> JsonObject:
        """Drops every connection at once; each visitor reconnects. Returns when all are connected or the time is over."""
        began = time.perf_counter()
        back_s: list[float] = []
        dials = 0
        sockets, self._sockets = self._sockets, []
        for socket in sockets:
            socket.cut()

        async def come_back(person: Person) -> None:
            nonlocal dials
            waits = 0
            while True:
                await asyncio.sleep(random.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**waits)))
                waits, dials = waits + 1, dials + 1
                with suppress(OSError, Refused, TimeoutError):
                    async with asyncio.timeout(DIAL_S):
                        self._sockets.append(await come_as_visitor(self._gateway, person, _nothing))
                    back_s.append(time.perf_counter() - began)
                    return

        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await asyncio.gather(*(come_back(person) for person in self._here))
        return {"back_s": [round(one, 3) for one in back_s], "dials": dials}

    async def turn(self, rate: float, seconds: float) -> int:
        """Page changes, spread evenly over the time and the visitors."""
        done = 0
        async for _, due in _steps(seconds, rate):
            for _ in range(due):
                self._turn_page()
            done += due
        return done

    async def keep_alive(self) -> None:
        """Sends the pings of all visitors, spread over the interval, until cancelled."""
        at = 0.0
        async for passed, _ in _steps(float("inf"), 0.0):
            due, at = at + len(self._sockets) * passed / PING_S, 0.0
            for _ in range(int(due)):
                self._pinging = (self._pinging + 1) % len(self._sockets)
                self._sockets[self._pinging].send(b'{"type":"ping","cursors":[]}')
            at = due - int(due)

    def _turn_page(self) -> None:
        self._turn = (self._turn + 7919) % len(self._sockets)
        now = time.monotonic_ns()
        page = {
            "type": "page",
            "url": f"http://{self._gateway}/demo/{self._turn}",
            "title": f"{TITLE}{now}",
            "referrer": "",
        }
        self._sockets[self._turn].send(json.dumps(page).encode())


async def _steps(seconds: float, rate: float) -> AsyncIterator[tuple[float, int]]:
    """Yields the seconds since the last step and the number of events due at this rate."""
    loop = asyncio.get_running_loop()
    began = before = loop.time()
    owed = 0.0
    while before - began < seconds:
        await asyncio.sleep(STEP_S)
        now = loop.time()
        owed += rate * (now - before)
        yield now - before, int(owed)
        owed, before = owed - int(owed), now


def _nothing(_: bytes) -> None:
    pass


class CrowdProcess:
    """Controls such a process. Created by `crowd_of`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def order(self, **what: object) -> Any:
        """Sends an order and returns its result when it is done: a number, or the figures of a cut."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        line = await self._process.stdout.readline()
        if not line:
            raise AssertionError("a crowd ended by itself")
        return json.loads(line)


@asynccontextmanager
async def crowd_of(gateway: str, people: Sequence[Person]) -> AsyncIterator[CrowdProcess]:
    """A process with these visitors, none of them connected."""
    with TemporaryDirectory(prefix="palique-crowd-") as folder:
        secrets = Path(folder) / "secrets.json"
        secrets.write_text(json.dumps([list(one) for one in people]))
        secrets.chmod(0o600)
        argv = [sys.executable, "-m", "bench.crowd", gateway, str(secrets)]
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*argv, cwd=ROOT, stdin=pipe, stdout=pipe, limit=LINE_BYTES)
        try:
            yield CrowdProcess(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def obey(crowd: Crowd) -> None:
    """Runs until the orders end."""
    loop = asyncio.get_running_loop()
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    alive = asyncio.create_task(crowd.keep_alive())
    while line := await orders.readline():
        order = json.loads(line)
        if "cut" in order:
            told: object = await crowd.cut(order["cut"])
        else:
            told = await crowd.come(order["come"]) if "come" in order else await crowd.turn(*order["turn"])
        print(json.dumps(told), flush=True)
    alive.cancel()


if __name__ == "__main__":
    gateway, secrets = sys.argv[1:]
    uvloop.run(obey(Crowd(gateway, [Person(*one) for one in json.loads(Path(secrets).read_text())])))
