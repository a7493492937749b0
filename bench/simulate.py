"""Simulates visitors with real sessions and sockets that open pages, for sizing a list, a gateway or a machine.

`make simulate VISITORS=5000 CHANGES=200 SECONDS=300 URL=http://127.0.0.1:8080`; Ctrl-C ends it earlier. The address must be a
loopback address, for which the gateway does not limit new sessions.
"""

import argparse
import asyncio
import ipaddress
import json
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin, Subprotocol

from tests.support.json_object import JsonObject

# More than one process can simulate.
MOST_VISITORS = 20_000
# Concurrent arrivals: enough to keep the gateway busy, few enough that no handshake exceeds the five seconds within which
# a `hello` must arrive.
ARRIVING = 32
HANDSHAKE_S = 30.0
# The ping interval of the protocol.
PING_S = 20.0
PING_SPREAD = 0.2
REPORT_S = 5.0
# Changes are made in steps of this length, because a timer for each would cost more than the change.
STEP_S = 0.05
PAGES = tuple(
    (f"{folder.lower()}/{number}", f"{folder} {number}")
    for folder in ("Teapots", "Bowls", "Vases", "Cups", "Plates")
    for number in range(1, 41)
)


BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
)


class Tally:
    """Counts of events for the report."""

    def __init__(self) -> None:
        self.arrived = 0
        self.changes = 0
        self.frames = 0
        self.ended: Counter[str] = Counter()


class Crowd:
    """The visitors that are online."""

    def __init__(self, url: str, site: str, tally: Tally) -> None:
        self._url = url.rstrip("/")
        self._site = site
        self._tally = tally
        self._sockets: list[ClientConnection] = []

    def __len__(self) -> int:
        return len(self._sockets)

    async def come(self, http: httpx.AsyncClient, turn: asyncio.Semaphore) -> None:
        """Runs one visitor: connects and reads frames until the socket ends."""
        try:
            async with turn:
                socket = await self._arrive(http)
        except (httpx.HTTPError, OSError, TimeoutError, InvalidHandshake, ConnectionClosed) as error:
            self._tally.ended[f"not admitted: {type(error).__name__}"] += 1
            return
        self._sockets.append(socket)
        self._tally.arrived += 1
        pinging = asyncio.create_task(_ping(socket))
        try:
            async for _ in socket:
                self._tally.frames += 1
        except ConnectionClosed:
            pass
        finally:
            pinging.cancel()
            self._sockets.remove(socket)
            self._tally.ended[f"closed {socket.close_code}"] += 1
            await socket.close()

    async def turn_pages(self, rate: float) -> None:
        """`rate` page changes per second, spread over all visitors, until cancelled."""
        due, before = 0.0, time.monotonic()
        while True:
            await asyncio.sleep(STEP_S)
            now = time.monotonic()
            due, before = min(due + rate * (now - before), rate), now
            while due >= 1:
                due -= 1
                if self._sockets:
                    await self._turn_page(random.choice(self._sockets))

    async def _turn_page(self, socket: ClientConnection) -> None:
        try:
            await socket.send(json.dumps({"type": "page", **self._page()}))
        except ConnectionClosed:
            return
        self._tally.changes += 1

    async def _arrive(self, http: httpx.AsyncClient) -> ClientConnection:
        address = f"{self._url}/api/v1/visitor/session"
        asked = await http.post(address, json={"site": self._site}, headers={"Origin": self._url})
        asked.raise_for_status()
        socket = await connect(
            f"ws{self._url.removeprefix('http')}/ws/visitor",
            origin=Origin(self._url),
            subprotocols=[Subprotocol("palique.v1")],
            user_agent_header=random.choice(BROWSERS),
            compression=None,
            ping_interval=None,
            open_timeout=HANDSHAKE_S,
            proxy=None,
            **_from_an_own_address(self._url),
        )
        hello = {"type": "hello", "token": asked.json()["token"], "client": "simulate/1.0", "cursors": []}
        await socket.send(json.dumps({**hello, "page": self._page()}))
        async with asyncio.timeout(HANDSHAKE_S):
            await socket.recv()
        return socket

    def _page(self) -> dict[str, str]:
        path, title = random.choice(PAGES)
        return {"url": f"{self._url}/demo/{path}", "title": title, "referrer": ""}


async def _ping(socket: ClientConnection) -> None:
    """Sends pings; each visitor's first ping is at a random time of the interval."""
    while True:
        await asyncio.sleep(PING_S * random.uniform(1 - PING_SPREAD, 1 + PING_SPREAD))
        try:
            await socket.send('{"type":"ping","cursors":[]}')
        except ConnectionClosed:
            return


async def simulate(crowd: Crowd, tally: Tally, visitors: int, changes: float, seconds: float) -> str:
    """Runs until the time is over or Ctrl-C; reports visitors that were lost before."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    turn = asyncio.Semaphore(ARRIVING)
    limits = httpx.Limits(max_connections=ARRIVING)
    async with httpx.AsyncClient(timeout=HANDSHAKE_S, limits=limits, trust_env=False) as http:
        people = [asyncio.create_task(crowd.come(http, turn)) for _ in range(visitors)]
        others = [asyncio.create_task(crowd.turn_pages(changes)), asyncio.create_task(_report(crowd, tally))]
        try:
            async with asyncio.timeout(seconds):
                await stopping.wait()
        except TimeoutError:
            pass
        lost = _endings(tally)
        for task in (*others, *people):
            task.cancel()
        await asyncio.gather(*people, *others, return_exceptions=True)
        return lost


async def _report(crowd: Crowd, tally: Tally) -> None:
    before = tally.changes
    while True:
        await asyncio.sleep(REPORT_S)
        rate = (tally.changes - before) / REPORT_S
        before = tally.changes
        print(f"{len(crowd):6} online, {rate:6.1f} changes/s, {_endings(tally)}", flush=True)


def _endings(tally: Tally) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(tally.ended.items())) or "nobody lost"


def _loopback(url: str) -> str:
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return url
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise argparse.ArgumentTypeError(f"{url} is not on this machine; a crowd is sent to a loopback address only")
    return url


def _from_an_own_address(url: str) -> JsonObject:
    """The gateway bounds the sockets of an address; all of 127.0.0.0/8 is this machine. Elsewhere all visitors share one."""
    if not url.startswith("http://127."):
        return {}
    return {"local_addr": (f"127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}", 0)}


def _between(low: int, high: int) -> Callable[[str], int]:
    def bounded(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high}")
        return value

    return bounded


def _allow_files(visitors: int) -> None:
    """Raises the limit of open files: one per socket and a reserve."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, visitors + 256)
    if hard != resource.RLIM_INFINITY and wanted > hard:
        sys.exit(f"simulate: {visitors} visitors need {wanted} open files, this system allows {hard} (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def main() -> None:
    """Prints a summary at the end."""
    parser = argparse.ArgumentParser(prog="simulate", description="Simulated visitors for the demo site.")
    parser.add_argument("--url", type=_loopback, default="http://127.0.0.1:8080")
    parser.add_argument("--site", default="demo")
    parser.add_argument("--visitors", type=_between(1, MOST_VISITORS), default=1_000)
    parser.add_argument("--changes", type=_between(0, 5_000), default=50, help="page changes a second, over all")
    parser.add_argument("--seconds", type=_between(1, 86_400), default=300)
    chosen = parser.parse_args()
    tally = Tally()
    began = time.monotonic()
    _allow_files(chosen.visitors)
    crowd = Crowd(chosen.url, chosen.site, tally)
    lost = asyncio.run(simulate(crowd, tally, chosen.visitors, chosen.changes, chosen.seconds))
    took = time.monotonic() - began
    print(
        f"{tally.arrived} of {chosen.visitors} visitors arrived, {tally.changes} page changes, "
        f"{tally.frames} frames heard, in {took:.0f} s; {lost}"
    )


if __name__ == "__main__":
    main()
