"""A client for visitors and agents, written from docs/protocol.md alone: nothing of the product is imported.

It follows the rules for clients: applies entries in order, fetches what is missing, sends again with the same client id.
Its own nets can be switched off (`Ears`), to see what the server does by itself.
"""

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from tests.support.eventually import PATIENCE_S, failure
from tests.support.log_copy import Frame, LogCopy
from tests.support.responses import require_success

CLOSE_S = 2.0
# By the rules for clients: what could not be answered is asked for again after this.
AGAIN_S = 2.0
SHOWN_FRAMES = 8
PASSING = ("retry", "unavailable", "overloaded", "internal")


class Closed(Exception):
    """The server closed the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(str(code))
        self.code = code


@dataclass(frozen=True)
class Ears:
    """How a client listens. `applied` hears of each entry that it shows, `was_reset` of each copy that it forgets.

    `pace_s`: the pause after each frame of one that reads slowly. `fetches`: whether it fetches what it misses.
    """

    fetches: bool = True
    pace_s: float = 0.0
    applied: Callable[[Frame], None] | None = None
    was_reset: Callable[[str], None] | None = None


class Client:
    """One socket and what it has heard. `frames` holds every frame in the order of arrival."""

    def __init__(self, socket: ClientConnection, ears: Ears) -> None:
        self.frames: list[Frame] = []
        self.logs: dict[str, LogCopy] = {}
        self.me: Frame = {}
        self.close_code: int | None = None
        # Pings that no pong came for yet.
        self.unanswered = 0
        # Set when the server asks to move on.
        self.drain_ms: int | None = None
        self._socket = socket
        self._ears = ears
        self._news = asyncio.Condition()
        # What was asked for with which `ref`, and what waits to be asked for again.
        self._fetches: dict[str, str] = {}
        self._again: set[asyncio.Task[None]] = set()
        self._reading = asyncio.create_task(self._read())

    async def say(self, **frame: object) -> None:
        """Sends one frame as it is."""
        await self._socket.send(json.dumps(frame))

    async def say_raw(self, data: str | bytes) -> None:
        """Sends something that may be no frame at all."""
        await self._socket.send(data)

    async def hear(self, matches: Callable[[Frame], bool], after: int = 0, patience_s: float = PATIENCE_S) -> Frame:
        """The first frame from position `after` on that matches, now or later; Closed when the socket ends first."""
        async with self._patience(matches, patience_s), self._news:
            looked_at = after
            while True:
                found = next((frame for frame in self.frames[looked_at:] if matches(frame)), None)
                if found is not None:
                    return found
                looked_at = len(self.frames)
                if self.close_code is not None:
                    raise Closed(self.close_code)
                await self._news.wait()

    async def hear_type(self, kind: str, after: int = 0, /, **fields: object) -> Frame:
        """The first frame of a type with these fields."""
        wanted = {"type": kind, **fields}
        return await self.hear(lambda frame: wanted.items() <= frame.items(), after)

    async def until(self, holds: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
        """Waits until something holds that frames bring about."""
        async with self._patience(holds, patience_s), self._news:
            while not holds():
                if self.close_code is not None:
                    raise Closed(self.close_code)
                await self._news.wait()

    @asynccontextmanager
    async def _patience(self, condition: object, seconds: float) -> AsyncIterator[None]:
        """TimeoutError with what was waited for and the last frames."""
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            last = "\n".join(map(str, self.frames[-SHOWN_FRAMES:]))
            raise TimeoutError(f"{failure(condition, seconds, None, False)}\nthe last frames:\n{last}") from None

    async def hello(self, **fields: object) -> Frame:
        """Introduces itself, with cursors for the logs that it knows of, also those that it has nothing of yet; gives the welcome."""
        cursors = [{"conversation": key, "epoch": log.epoch, "seq": log.last} for key, log in self.logs.items()]
        await self.say(type="hello", client="test/1.0", cursors=cursors, **fields)
        welcome = await self.hear_type("welcome")
        self.me = welcome["me"]
        for state in welcome["conversations"]:
            log = self.log(state["conversation"], state["epoch"])
            if state["head"] > log.last:
                await self._fetch(state["conversation"])
        return welcome

    async def send(
        self, text: str, conversation: str | None, client_id: str | None = None, kind: str = "send"
    ) -> Frame:
        """Says something, or notes it (`kind` note), and waits for `ack` or `nack`; an ack counts as its entry."""
        client_id = client_id or str(uuid.uuid4())
        position = len(self.frames)
        await self.say(type=kind, client_id=client_id, conversation=conversation, text=text)
        answer = await self.hear(
            lambda frame: frame["type"] in ("ack", "nack") and frame["client_id"] == client_id, position
        )
        if answer["type"] == "ack":
            await self._take_ack(answer, text, "message" if kind == "send" else kind)
        return answer

    async def ping(self) -> None:
        """Asks whether any copy is behind; the pong makes it fetch."""
        self.unanswered += 1
        cursors = [{"conversation": key, "seq": log.last} for key, log in self.logs.items()]
        await self.say(type="ping", cursors=cursors)

    async def ask(self, kind: str, **fields: object) -> Frame:
        """A request with a `ref`, and the answer with that `ref`."""
        ref = uuid.uuid4().hex
        await self.say(type=kind, ref=ref, **fields)
        return await self.hear(lambda frame: frame.get("ref") == ref)

    def log(self, conversation: str, epoch: int = 1) -> LogCopy:
        """The copy of a conversation, empty at first."""
        if conversation not in self.logs:
            self.logs[conversation] = LogCopy(epoch, applied=self._ears.applied)
        return self.logs[conversation]

    async def caught_up(self, conversation: str, texts: list[str]) -> None:
        """Waits until the copy holds exactly these messages."""
        await self.until(lambda: self.log(conversation).texts == texts)

    async def close(self) -> None:
        """Ends the socket as a closed page does."""
        self._stop()
        # Not awaited directly: its cancellation would look like that of this task.
        await asyncio.wait((self._reading, *self._again))
        await self._socket.close()

    def stop_reading(self) -> None:
        """From now on takes nothing, and stays: once the system's buffers are full, the server has to wait."""
        self._stop()

    async def trickle(self) -> None:
        """After `stop_reading`: takes a byte a second, past everything that would understand it, until the connection ends."""
        transport = self._socket.transport
        transport.pause_reading()
        descriptor = os.dup(transport.get_extra_info("socket").fileno())
        try:
            while True:
                with suppress(BlockingIOError):
                    if not os.read(descriptor, 1):
                        return
                await asyncio.sleep(1)
        except OSError:
            return  # the server has freed it
        finally:
            os.close(descriptor)

    @property
    def port(self) -> int:
        """Of this side of the connection."""
        return int(self._socket.local_address[1])

    def cut(self) -> None:
        """Ends the socket as a pulled cable does, as far as this side can."""
        self._stop()
        self._socket.transport.abort()

    def _stop(self) -> None:
        for task in (self._reading, *self._again):
            task.cancel()

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                await self._take(json.loads(data))
                if self._ears.pace_s:
                    await asyncio.sleep(self._ears.pace_s)
        except ConnectionClosed:
            pass
        async with self._news:
            self.close_code = self._socket.close_code or 1006
            self._news.notify_all()

    async def _take(self, frame: Frame) -> None:
        self._heed(frame)
        for conversation in self._gaps(frame):
            await self._fetch(conversation)
        async with self._news:
            self.frames.append(frame)
            self._news.notify_all()

    def _gaps(self, frame: Frame) -> list[str]:
        """Takes a frame in; the conversations that something is missing of."""
        match frame["type"]:
            case "entry":
                return [frame["conversation"]] if self.log(frame["conversation"]).apply(frame) else []
            case "entries":
                for item in frame["items"]:
                    self.log(frame["conversation"], frame["epoch"]).apply(item)
                return [frame["conversation"]] if frame["more"] else []
            case "stale":
                return [frame["conversation"]]
            case "reset":
                self._forget(frame["conversation"], frame["epoch"])
                return [frame["conversation"]]
            case "pong":
                self.unanswered = 0
                return [head["conversation"] for head in frame["heads"]]
        return []

    def _heed(self, frame: Frame) -> None:
        """What is to be done later: to move on, and to ask again for what could not be answered."""
        if frame["type"] == "drain":
            self.drain_ms = frame["within_ms"]
        conversation = self._fetches.get(frame.get("ref") or "") if frame["type"] == "error" else None
        if conversation is not None and frame["code"] in PASSING:
            task = asyncio.create_task(self._fetch_again(conversation))
            self._again.add(task)
            task.add_done_callback(self._again.discard)

    def _forget(self, conversation: str, epoch: int) -> None:
        self.log(conversation).reset(epoch)
        if self._ears.was_reset is not None:
            self._ears.was_reset(conversation)

    async def _take_ack(self, ack: Frame, text: str, kind: str) -> None:
        entry = {
            "conversation": ack["conversation"],
            "epoch": ack["epoch"],
            "seq": ack["seq"],
            "kind": kind,
            "author": self.me,
            "client_id": ack["client_id"],
            "text": text,
            "at": ack["at"],
        }
        if self.log(ack["conversation"], ack["epoch"]).apply(entry):
            await self._fetch(ack["conversation"])
        async with self._news:
            self._news.notify_all()

    async def _fetch(self, conversation: str) -> None:
        if not self._ears.fetches:
            return
        log = self.log(conversation)
        ref = uuid.uuid4().hex
        self._fetches[ref] = conversation
        await self.say(type="fetch", ref=ref, conversation=conversation, epoch=log.epoch, after=log.last, limit=100)

    async def _fetch_again(self, conversation: str) -> None:
        await asyncio.sleep(AGAIN_S)
        with suppress(ConnectionClosed):
            await self._fetch(conversation)


class Browser:
    """What a person's browser keeps between sockets: the visitor's token or the agent's cookie."""

    def __init__(self, public: str, site: str = "demo") -> None:
        self.public = public
        self.site = site
        # Another page than the gateway's own, when set.
        self.origin: str | None = None
        self.token: str | None = None
        self.visitor: str | None = None
        self.http = httpx.AsyncClient(base_url=public, headers={"origin": public}, timeout=PATIENCE_S, verify=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def visit(self) -> Frame:
        """Gets the visitor's session, the earlier one when there is one."""
        body = {"site": self.site} | ({"token": self.token} if self.token else {})
        answer = await self.http.post("/api/v1/visitor/session", json=body)
        session: Frame = require_success(answer).json()
        self.token, self.visitor = session["token"], session["visitor"]
        return session

    async def sign_in(self, email: str, password: str = "palique-demo") -> None:
        """Signs an agent in."""
        require_success(await self.http.post("/api/v1/session", json={"email": email, "password": password}))

    @asynccontextmanager
    async def socket(self, kind: str, *, public: str | None = None, ears: Ears | None = None) -> AsyncIterator[Client]:
        """A websocket that has not said hello yet; `public` names another gateway."""
        address = (public or self.public).replace("http", "ws", 1) + f"/ws/{kind}"
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        headers = {"cookie": cookies} if kind == "agent" and cookies else {}
        async with connect(
            address,
            subprotocols=[Subprotocol("palique.v1")],
            origin=Origin(self.origin or public or self.public),
            additional_headers=headers,
            compression=None,
            ping_interval=None,
            # A paused server answers no close frame.
            close_timeout=CLOSE_S,
        ) as connection:
            client = Client(connection, ears or Ears())
            try:
                yield client
            finally:
                await client.close()

    @asynccontextmanager
    async def as_visitor(
        self, title: str = "Shop", logs: dict[str, LogCopy] | None = None, **options: Any
    ) -> AsyncIterator[Client]:
        """A visitor on a page; `logs` are the copies from an earlier socket."""
        if self.token is None:
            await self.visit()
        async with self.socket("visitor", **options) as client:
            client.logs = logs if logs is not None else {}
            page = {"url": f"{self.public}/demo", "title": title, "referrer": ""}
            await client.hello(token=self.token, page=page)
            yield client

    @asynccontextmanager
    async def as_agent(self, logs: dict[str, LogCopy] | None = None, **options: Any) -> AsyncIterator[Client]:
        """An agent's dashboard; signs in first with `sign_in`."""
        async with self.socket("agent", **options) as client:
            client.logs = logs if logs is not None else {}
            await client.hello()
            yield client
