"""Visitors without a browser, to fill the dashboard: they come from many countries, look at a page and may say something.

The gateway must trust the loopback network as a proxy (`TRUST`), for where a visitor comes from is in their address.
"""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

TRUST = {"PALIQUE_STACK_ENV_GATEWAY_1_PALIQUE_TRUSTED_PROXIES": "127.0.0.0/8"}
# As the contract wants of a client.
PING_S = 20.0

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)


@dataclass(frozen=True)
class Guest:
    """A visitor to create. `name` is shown to agents; without one they see a placeholder."""

    address: str
    agent: str
    path: str
    title: str
    name: str = ""
    says: Sequence[str] = ()
    referrer: str = ""


class Seat:
    """A connected guest; `visitor` is the visitor's id."""

    def __init__(self, guest: Guest, visitor: str, socket: ClientConnection) -> None:
        self.guest = guest
        self.visitor = visitor
        self._socket = socket

    async def say(self, text: str) -> None:
        """Into their chat, which opens with the first word."""
        frame = {"type": "send", "client_id": str(uuid.uuid4()), "conversation": None, "text": text}
        await self._socket.send(json.dumps(frame))

    async def go(self, url: str, title: str) -> None:
        """To another page."""
        await self._socket.send(json.dumps({"type": "page", "url": url, "title": title, "referrer": ""}))

    async def listen(self) -> None:
        """Until the end: reads what comes, and shows that the line is alive."""
        with suppress(ConnectionClosed):
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(PING_S):
                        await self._socket.recv()
                        continue
                await self._socket.send('{"type":"ping","cursors":[]}')


@asynccontextmanager
async def seated(public: str, guests: Sequence[Guest]) -> AsyncIterator[list[Seat]]:
    """All of them, one after the other, until the end of the block."""
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
        seats = [await _arrive(stack, public, guest) for guest in guests]
        listening = [tasks.create_task(seat.listen()) for seat in seats]
        for seat in seats:
            for text in seat.guest.says:
                await seat.say(text)
        try:
            yield seats
        finally:
            for task in listening:
                task.cancel()


async def _arrive(stack: AsyncExitStack, public: str, guest: Guest) -> Seat:
    headers = {"X-Forwarded-For": guest.address, "User-Agent": guest.agent}
    async with httpx.AsyncClient(trust_env=False, headers={**headers, "Origin": public}, verify=False) as http:
        answer = await http.post(f"{public}/api/v1/visitor/session", json={"site": "demo"})
        answer.raise_for_status()
    socket = await stack.enter_async_context(
        connect(
            f"ws{public.removeprefix('http')}/ws/visitor",
            origin=Origin(public),
            subprotocols=[Subprotocol("palique.v1")],
            user_agent_header=guest.agent,
            additional_headers={"X-Forwarded-For": guest.address},
            compression=None,
            ping_interval=None,
            proxy=None,
        )
    )
    page = {"url": f"{public}{guest.path}", "title": guest.title, "referrer": guest.referrer}
    hello = {"type": "hello", "token": answer.json()["token"], "client": "guest/1.0", "page": page, "cursors": []}
    await socket.send(json.dumps(hello))
    welcome = json.loads(await socket.recv())
    assert welcome["type"] == "welcome", welcome
    return Seat(guest, welcome["me"]["id"], socket)
