"""A client that stays connected by the protocol's rules for clients, and records events in the ledger.

Whatever happens to sockets and servers, it sends a message again with the same client id until it gets an answer, and fetches
missed entries by cursor.
"""

import asyncio
import random
import uuid
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from functools import partial

import httpx
from websockets.exceptions import WebSocketException

from tests.faults.ledger import (
    Acked,
    Applied,
    Connected,
    Invoked,
    Joined,
    Ledger,
    Line,
    MarkSeen,
    Reader,
    Refused,
    Reset,
    Unknown,
)
from tests.support.log_copy import Frame, LogCopy
from tests.support.protocol_client import Browser, Client, Closed, Ears

# Close codes and errors that servers cause when they die: the client reconnects.
GONE = (Closed, OSError, TimeoutError, WebSocketException, httpx.HTTPError)
# The protocol's rules for clients: the time limit of an answer, the ping interval, the first wait before a reconnect.
SILENCE_S = 10.0
PING_S = 20.0
FIRST_WAIT_S = 0.5
# The protocol allows 30 s; here servers restart within two seconds, and the bench must not wait longer.
LONGEST_WAIT_S = 4.0
# Temporary refusals of requests without `retry_ms`.
PASSING = ("retry", "unavailable", "overloaded", "internal")
AGAIN_S = 0.5


@dataclass(frozen=True)
class Habit:
    """Bounds of a reader's times online and offline, and its pause after each frame. None: it stays connected."""

    stays_s: tuple[float, float] | None = None
    away_s: tuple[float, float] = (0.0, 0.0)
    pace_s: float = 0.0

    @property
    def is_steady(self) -> bool:
        return self.stays_s is None and self.pace_s == 0


STEADY = Habit()
RESTLESS = Habit(stays_s=(2.0, 5.0))
SLOW = Habit(pace_s=0.1)
LATE = Habit(stays_s=(2.0, 4.0), away_s=(10.0, 25.0))


def line_of(entry: Frame) -> Line:
    """The fields of an entry that the checker compares."""
    author = entry.get("author") or {}
    return Line(
        entry["conversation"],
        entry["epoch"],
        entry["seq"],
        entry["kind"],
        author.get("id", ""),
        entry.get("client_id") or "",
        entry.get("text") or "",
    )


class Page:
    """One client. `run` must be running. `gateways` are public addresses; each new socket uses the next one."""

    def __init__(
        self,
        reader: Reader,
        browser: Browser,
        ledger: Ledger,
        gateways: Sequence[str],
        habit: Habit,
        dice: random.Random,
    ) -> None:
        self.reader = reader
        self.browser = browser
        self.habit = habit
        self.logs: dict[str, LogCopy] = {}
        self.connects = 0
        self._ledger = ledger
        self._gateways = gateways
        self._dice = dice
        self._client: Client | None = None
        self._there = asyncio.Event()
        self._stays = asyncio.Event()
        # The number of events in the ledger when the socket was opened.
        self._asked_at = 0
        self._turn = dice.randrange(len(gateways))
        self._ears = Ears(
            pace_s=habit.pace_s,
            applied=lambda entry: ledger.note(Applied(reader.name, line_of(entry))),
            was_reset=lambda conversation: ledger.note(Reset(reader.name, conversation)),
        )
        ledger.meet(reader)

    async def run(self) -> None:
        """Stays connected until cancelled."""
        failures = 0
        while True:
            self._turn += 1
            self._asked_at = len(self._ledger.events)
            try:
                async with asyncio.timeout(None) as patience, self._socket() as client:
                    failures = 0
                    if self.habit.stays_s is not None:
                        patience.reschedule(asyncio.get_running_loop().time() + self._dice.uniform(*self.habit.stays_s))
                    await self._stay(client)
            except GONE:
                failures += 1
            finally:
                self._client = None
                self._there.clear()
            await asyncio.sleep(self._dice.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**failures)))
            with suppress(TimeoutError):
                async with asyncio.timeout(self._dice.uniform(*self.habit.away_s)):
                    await self._stays.wait()

    def stay(self) -> None:
        """Stays connected from now on."""
        self.habit = STEADY
        self._stays.set()

    async def write(self, text: str, conversation: str | None, kind: str = "send") -> Frame:
        """Sends a message until it gets the `ack` or a final `nack`, which it returns."""
        client_id = str(uuid.UUID(int=self._dice.getrandbits(128), version=4))
        self._ledger.note(Invoked(self.reader.person, client_id, text))
        while True:
            client = await self.connected()
            try:
                async with asyncio.timeout(SILENCE_S):
                    answer = await client.send(text, conversation, client_id, kind)
            except GONE:
                self._ledger.note(Unknown(client_id))
                await asyncio.sleep(0.05)  # the end of the socket is visible only after a loop iteration
                continue
            if answer["type"] == "ack":
                self._ledger.note(
                    Acked(client_id, answer["conversation"], answer["epoch"], answer["seq"], answer["duplicate"])
                )
                return answer
            if answer["retry_ms"] is None:
                self._ledger.note(Refused(client_id, answer["code"]))
                return answer
            self._ledger.note(Unknown(client_id))
            await asyncio.sleep(answer["retry_ms"] / 1000)

    async def ask(self, kind: str, **fields: object) -> Frame:
        """Repeats a request until it gets a final answer; the server may execute it twice."""
        while True:
            client = await self.connected()
            with suppress(*GONE):
                async with asyncio.timeout(SILENCE_S):
                    answer = await client.ask(kind, **fields)
                if answer.get("code") not in PASSING:
                    return answer
            await asyncio.sleep(AGAIN_S)

    async def http(self, method: str, path: str, body: object = None) -> Frame:
        """Calls the API at one gateway after the other until one answers."""
        while True:
            self._turn += 1
            gateway = self._gateways[self._turn % len(self._gateways)]
            with suppress(*GONE):
                headers = {"origin": gateway}
                answer = await self.browser.http.request(method, gateway + path, json=body, headers=headers)
                if answer.is_success:
                    found: Frame = answer.json()
                    return found
                assert answer.is_server_error, f"{method} {path}: {answer.status_code} {answer.text}"
            await asyncio.sleep(AGAIN_S)

    async def mark(self, conversation: str) -> None:
        """Sends a read mark for the shown entries, once and without an answer."""
        client, copy = self._client, self.logs.get(conversation)
        if client is not None and copy is not None and copy.last:
            with suppress(*GONE):
                await client.say(type="read", conversation=conversation, seq=copy.last)

    def joined(self, conversation: str) -> None:
        """Records that an agent accepted the conversation."""
        self._ledger.note(Joined(self.reader.person, conversation))

    async def connected(self) -> Client:
        """Waits for a socket."""
        while self._client is None or self._client.close_code is not None:
            self._there.clear()
            await self._there.wait()
        return self._client

    def _socket(self) -> AbstractAsyncContextManager[Client]:
        public = self._gateways[self._turn % len(self._gateways)]
        enter = self.browser.as_agent if self.reader.is_agent else self.browser.as_visitor
        return enter(logs=self.logs, public=public, ears=self._ears)

    async def _stay(self, client: Client) -> None:
        """Reads until the socket ends, two pings are unanswered, or the server asks for a reconnect."""
        self._welcomed(client)
        while client.unanswered < 2:
            await client.ping()
            with suppress(TimeoutError):
                await client.until(partial(_shall_move, client), PING_S * self._dice.uniform(0.8, 1.2))
                await asyncio.sleep(self._dice.uniform(0, (client.drain_ms or 0) / 1000))
                return
        client.cut()

    def _welcomed(self, client: Client) -> None:
        self.connects += 1
        self._ledger.note(Connected(self.reader.name))
        welcome = next(frame for frame in client.frames if frame["type"] == "welcome")
        for state in welcome["conversations"]:
            for mark in state.get("reads", ()):
                self._ledger.note(MarkSeen(state["conversation"], mark["reader"]["id"], mark["seq"], self._asked_at))
        self._client = client
        self._there.set()


def _shall_move(client: Client) -> bool:
    return client.drain_ms is not None
