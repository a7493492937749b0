"""A client of a gateway as a raw websocket."""

import asyncio
from collections.abc import Callable

import msgspec
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from kit.ids import new_id
from tests.support.eventually import PATIENCE_S, eventually
from tests.support.json_object import JsonObject


class Browser:
    """One websocket client, with every frame that it received."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.frames: list[JsonObject] = []
        self.code: int | None = None
        self._reading = asyncio.create_task(self._read())
        self._seen = 0

    async def send_frame(self, type_: str, **fields: object) -> None:
        await self.socket.send(msgspec.json.encode({"type": type_, **fields}).decode())

    async def raw(self, data: str | bytes) -> None:
        await self.socket.send(data)

    async def next(
        self, type_: str, where: Callable[[JsonObject], bool] = lambda _: True, seconds: float = PATIENCE_S
    ) -> JsonObject:
        """The first such frame after the one returned last; skips the frames between."""

        def found() -> JsonObject | None:
            for position, frame in enumerate(self.frames[self._seen :], self._seen):
                if frame["type"] == type_ and where(frame):
                    self._seen = position + 1
                    return frame
            return None

        try:
            frame = await eventually(found, seconds, sentence=f"a frame {type_}")
        except AssertionError as error:
            error.add_note("the last frames:\n" + "\n".join(map(str, self.frames[-8:])) + f"\nclose code: {self.code}")
            raise
        assert frame is not None
        return frame

    def all(self, type_: str) -> list[JsonObject]:
        return [frame for frame in self.frames if frame["type"] == type_]

    async def entry(self, **fields: object) -> JsonObject:
        return await self.next("entry", lambda frame: fields.items() <= frame.items())

    async def send(self, text: str, conversation: str | None = None, client_id: str | None = None) -> JsonObject:
        """Sends a message and returns its acknowledgement."""
        client_id = client_id or new_id()
        await self.send_frame("send", client_id=client_id, conversation=conversation, text=text)
        return await self.next("ack", lambda frame: frame["client_id"] == client_id)

    async def closed(self) -> int:
        """Waits for the close and returns its code."""
        await eventually(lambda: self.code is not None)
        assert self.code is not None
        return self.code

    async def leave(self) -> None:
        await self.socket.close()
        await self._reading

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                self.frames.append(msgspec.json.decode(message))
        except ConnectionClosed:
            pass
        self.code = self.socket.close_code
