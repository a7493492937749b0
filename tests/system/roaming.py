"""A visitor that writes without pause and reconnects on `drain` as docs/protocol.md requires."""

import asyncio
import itertools
import random
import time
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

import httpx
from websockets.exceptions import WebSocketException

from kit.codes import Code
from kit.ids import now_ms
from kit.times import rfc3339
from services.gateway.session.append_batcher import APPEND_TIMEOUT_S
from tests.support.log_copy import Frame, LogCopy
from tests.support.protocol_client import Browser, Client, Closed

# The pause between two messages of one visitor: many are unacknowledged when a process stops, within the rate limit.
PAUSE_S = 0.11
# A gateway that is not there yet is asked again.
AGAIN_S = 0.2
# Of the whole time of a call: clocks of two processes differ a little.
NEARLY = 0.95
# Longer than any test.
FOREVER_S = 3600.0


class Roamer:
    """`gateways` gives all public addresses, the first one to begin with. What went wrong is counted, for nothing should."""

    def __init__(self, browser: Browser, gateways: Callable[[], list[str]]) -> None:
        self.moves = 0
        self.falls = 0
        self.refusals: list[Frame] = []
        self.acked: dict[str, tuple[str, int]] = {}
        self._browser = browser
        self._gateways = gateways
        self._logs: dict[str, LogCopy] = {}
        self._client: Client | None = None
        self._at = ""
        # Held while a message is under way: its socket is not closed before the answer came.
        self._writing = asyncio.Lock()
        self._here = asyncio.Event()

    async def write(self, until: asyncio.Event) -> None:
        """Writes numbered messages until then; returns when the last one is acknowledged and all sockets are closed."""
        async with asyncio.TaskGroup() as group:
            roaming = group.create_task(self._roam())
            for number in itertools.count():
                if until.is_set():
                    break
                await self._say(f"{number}")
                await asyncio.sleep(PAUSE_S)
            roaming.cancel()

    async def _say(self, text: str) -> None:
        while True:
            await self._here.wait()
            async with self._writing:
                assert self._client is not None
                with suppress(Closed, WebSocketException, TimeoutError):
                    started = time.monotonic()
                    answer = await self._client.send(text, None)
                    if answer["type"] == "ack":
                        self.acked[text] = (answer["conversation"], answer["seq"])
                        return
                    self._refused(answer, time.monotonic() - started)
            await asyncio.sleep(PAUSE_S)

    def _refused(self, answer: Frame, after_s: float) -> None:
        """Counts it, unless the machine was too slow for a call's whole time. A replica that stops refuses long before that."""
        if answer["code"] != Code.RETRY or after_s < APPEND_TIMEOUT_S * NEARLY:
            self.refusals.append(answer | {"after_s": after_s, "gateway": self._at, "at": rfc3339(now_ms())})

    async def _roam(self) -> None:
        async with AsyncExitStack() as last:
            held = await last.enter_async_context(AsyncExitStack())
            await self._connect(held)
            while True:
                assert self._client is not None
                try:
                    drain = await self._client.hear(lambda frame: frame["type"] == "drain", patience_s=FOREVER_S)
                    await asyncio.sleep(random.uniform(0, drain["within_ms"] / 1000))  # noqa: S311 - a spread
                    self.moves += 1
                except Closed:
                    self.falls += 1
                    self._here.clear()
                following = await last.enter_async_context(AsyncExitStack())
                await self._connect(following)
                async with self._writing:
                    await held.aclose()
                held = following

    async def _connect(self, held: AsyncExitStack) -> None:
        # Any gateway except the one that sent `drain`.
        elsewhere = sorted(self._gateways(), key=lambda gateway: gateway == self._at)
        for gateway in itertools.cycle(elsewhere):
            with suppress(Closed, OSError, TimeoutError, WebSocketException, httpx.HTTPError):
                self._client = await held.enter_async_context(self._browser.as_visitor(logs=self._logs, public=gateway))
                self._at = gateway
                self._here.set()
                return
            await asyncio.sleep(AGAIN_S)
